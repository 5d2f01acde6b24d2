/// `/assets/app.js`: keeps a page up to date, and its times readable. Without it every page still works.
enum ConsoleScript {
    static let text = """
        "use strict";
        (() => {
          const state = document.getElementById("live-state");
          const announcer = document.getElementById("announcer");
          const pollMilliseconds = 10000, settleMilliseconds = 250, leastPauseMilliseconds = 1000;
          let timer = 0, lastRefresh = 0, busy = false, again = false, source = null;

          function show(name, words) {
            if (!state || state.dataset.state === name) { return; }
            state.dataset.state = name;
            state.textContent = words;
          }

          function ago(seconds) {
            if (seconds < 5) { return "just now"; }
            if (seconds < 60) { return Math.floor(seconds) + " s ago"; }
            if (seconds < 3600) { return Math.floor(seconds / 60) + " min ago"; }
            if (seconds < 86400) { return Math.floor(seconds / 3600) + " h ago"; }
            return Math.floor(seconds / 86400) + " d ago";
          }

          function spellTimes() {
            const now = Date.now();
            for (const element of document.querySelectorAll("time[data-ago]")) {
              const then = Date.parse(element.dateTime);
              if (Number.isNaN(then)) { continue; }
              if (!element.title) { element.title = new Date(then).toLocaleString() + " (" + element.dateTime + ")"; }
              const words = then > now + 5000 ? element.dateTime.slice(0, 16).replace("T", " ") : ago((now - then) / 1000);
              if (element.textContent !== words) { element.textContent = words; }
            }
          }

          const parts = () => document.querySelectorAll("[data-live]");
          const keys = (part) => new Set(Array.from(part.querySelectorAll("[data-key]"), (row) => row.dataset.key));

          // Puts the new page's live parts in the place of the old ones, where they differ. Rows that were not there
          // before are marked. A link that has the focus keeps it.
          function take(fresh) {
            for (const part of parts()) {
              const other = fresh.getElementById(part.id);
              if (!other || part.kept === other.innerHTML) { continue; }
              part.kept = other.innerHTML;
              const known = keys(part);
              const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
              part.replaceChildren(...Array.from(other.childNodes, (node) => document.importNode(node, true)));
              for (const row of part.querySelectorAll("[data-key]")) {
                if (!known.has(row.dataset.key)) { row.classList.add("fresh"); }
              }
              if (focused) {
                const link = Array.from(part.querySelectorAll("a[href]")).find((a) => a.getAttribute("href") === focused);
                if (link) { link.focus(); }
              }
              if (part.dataset.announce && announcer) { announcer.textContent = part.dataset.announce; }
            }
            spellTimes();
          }

          async function refresh() {
            if (busy) { again = true; return; }
            busy = true;
            lastRefresh = Date.now();
            try {
              const answer = await fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" }, cache: "no-store" });
              if (answer.redirected && new URL(answer.url).pathname === "/login") { location.assign(answer.url); return; }
              if (!answer.ok) { throw new Error(String(answer.status)); }
              take(new DOMParser().parseFromString(await answer.text(), "text/html"));
              if (!source || source.readyState !== EventSource.OPEN) { show("polling", "Polling"); }
            } catch {
              show("lost", "No contact");
            } finally {
              busy = false;
              if (again) { again = false; soon(); }
            }
          }

          function soon() {
            if (timer) { return; }
            const wait = Math.max(settleMilliseconds, leastPauseMilliseconds - (Date.now() - lastRefresh));
            timer = setTimeout(() => { timer = 0; refresh(); }, wait);
          }

          function listen() {
            source = new EventSource("/api/v1/stream");
            source.addEventListener("open", () => show("live", "Live"));
            source.addEventListener("change", soon);
            source.addEventListener("error", () => {
              show("polling", "Reconnecting");
              if (source.readyState === EventSource.CLOSED) { setTimeout(listen, pollMilliseconds); }
            });
          }

          document.addEventListener("submit", (event) => {
            const question = event.target.dataset.confirm;
            if (question && !confirm(question)) { event.preventDefault(); }
          });
          for (const part of parts()) { part.kept = part.innerHTML; }
          spellTimes();
          setInterval(spellTimes, 1000);
          if (document.querySelector("[data-live]")) {
            listen();
            setInterval(() => {
              if (source && source.readyState === EventSource.OPEN && Date.now() - lastRefresh < 60000) { return; }
              soon();
            }, pollMilliseconds);
          }
        })();

        """
}
