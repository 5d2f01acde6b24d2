/// `/assets/app.css`. Served from memory: the console has no build step and no files to lose.
enum ConsoleStyle {
    static let text = base + components + pages

    /// Colours, type, layout. Every pair of text and ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
    private static let base = """
        :root {
          color-scheme: light dark;
          --ground: #f4f6f8; --surface: #ffffff; --sunken: #eef1f4; --line: #d9dfe6; --line-strong: #b6c0cb;
          --text: #14202c; --muted: #546170; --accent: #0b5ba8; --accent-ground: #e6f0fa; --on-accent: #ffffff;
          --good: #0f6b45; --good-ground: #e2f4ea; --warn: #855300; --warn-ground: #fdf1d8;
          --bad: #b1241c; --bad-ground: #fdeae8; --track: #e3e8ed; --shadow: 0 1px 2px rgb(16 32 48 / 8%);
          --sans: "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0d131a; --surface: #151d26; --sunken: #111820; --line: #273340; --line-strong: #40505f;
            --text: #e6ecf2; --muted: #9dabb9; --accent: #74b5f5; --accent-ground: #14293d; --on-accent: #08131e;
            --good: #56cb95; --good-ground: #11291f; --warn: #edb84a; --warn-ground: #2e240f;
            --bad: #ff8b82; --bad-ground: #351917; --track: #2a3643; --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        html { font: 400 15px/1.5 var(--sans); color: var(--text); background: var(--ground); -webkit-text-size-adjust: 100%; }
        body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; }
        a { color: var(--accent); text-decoration: none; }
        a:hover { text-decoration: underline; text-underline-offset: 2px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
        h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; overflow-wrap: anywhere; }
        h2 { font-size: 1.02rem; line-height: 1.35; font-weight: 650; letter-spacing: -0.005em; }
        code, .mono { font-family: var(--mono); font-size: 0.88em; font-variant-ligatures: none; }
        time, .number { font-variant-numeric: tabular-nums; }
        .muted { color: var(--muted); }
        .nowrap { white-space: nowrap; }
        .visually-hidden {
          position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; border: 0;
        }
        .skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--surface); z-index: 10; border-radius: 0 0 6px 6px; }
        .skip:focus { top: 0; }
        .frame { width: 100%; max-width: 80rem; margin: 0 auto; padding: 0 1.5rem; }
        .top { background: var(--surface); border-bottom: 1px solid var(--line); }
        .top .frame { display: flex; align-items: center; gap: 1.75rem; min-height: 3.5rem; }
        .brand { display: inline-flex; align-items: center; gap: .6rem; font-weight: 680; font-size: 1.05rem; color: var(--text); letter-spacing: -0.01em; }
        .brand:hover { text-decoration: none; }
        .brand svg { width: 1.6rem; height: 1.6rem; color: var(--accent); }
        .top nav { display: flex; gap: .25rem; flex: 1; }
        .top nav a { padding: .35rem .75rem; border-radius: 6px; color: var(--muted); font-weight: 550; }
        .top nav a[aria-current] { color: var(--text); background: var(--sunken); }
        .who { display: flex; align-items: center; gap: 1rem; font-size: .9rem; }
        .who form { margin: 0; }
        .live { display: inline-flex; align-items: center; gap: .45rem; color: var(--muted); white-space: nowrap; min-width: 5.5rem; }
        .live::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: var(--line-strong); }
        .live[data-state="live"]::before { background: var(--good); }
        .live[data-state="polling"]::before { background: var(--warn); }
        .live[data-state="lost"]::before { background: var(--bad); }
        main { flex: 1; padding: 1.75rem 0 3rem; }
        footer { color: var(--muted); font-size: .85rem; padding: 1.25rem 0; border-top: 1px solid var(--line); }
        footer .frame { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
        @media (max-width: 42rem) {
          .frame { padding: 0 1rem; }
          .top .frame { flex-wrap: wrap; gap: .5rem 1rem; padding-top: .6rem; padding-bottom: .6rem; }
          .who .name { display: none; }
        }
        @media (prefers-reduced-motion: no-preference) {
          .fresh { animation: fresh 1.6s ease-out; }
          @keyframes fresh { from { background: var(--accent-ground); } to { background: transparent; } }
        }

        """

    private static let components = """
        .crumbs { font-size: .9rem; color: var(--muted); margin-bottom: .5rem; }
        .crumbs ol { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; }
        .crumbs li + li::before { content: "/"; color: var(--line-strong); margin-right: .4rem; }
        .head { display: flex; align-items: flex-start; justify-content: space-between; gap: 1rem 2rem; flex-wrap: wrap; margin-bottom: 1.5rem; }
        .head p { color: var(--muted); margin-top: .25rem; overflow-wrap: anywhere; }
        .titleline { display: flex; align-items: center; gap: .4rem .9rem; flex-wrap: wrap; }
        .card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); margin-bottom: 1.25rem; overflow: hidden; }
        .card > header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; padding: .95rem 1.25rem .8rem; }
        .card > header p { color: var(--muted); font-size: .88rem; }
        .card > .pad { padding: 0 1.25rem 1.2rem; }
        .grid { display: grid; gap: 1.25rem; grid-template-columns: repeat(12, minmax(0, 1fr)); align-items: start; }
        .grid > * { grid-column: span 12; margin-bottom: 0; }
        .stack { display: grid; gap: 1.25rem; align-content: start; }
        .stack > .card { margin-bottom: 0; }
        @media (min-width: 62rem) {
          .grid > .span-3 { grid-column: span 3; } .grid > .span-4 { grid-column: span 4; }
          .grid > .span-5 { grid-column: span 5; } .grid > .span-7 { grid-column: span 7; }
          .grid > .span-8 { grid-column: span 8; } .grid > .span-6 { grid-column: span 6; }
        }
        .scroll { overflow-x: auto; border-top: 1px solid var(--line); }
        table { width: 100%; border-collapse: collapse; }
        th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--muted); background: var(--sunken); padding: .5rem .75rem; white-space: nowrap; border-bottom: 1px solid var(--line); }
        td { padding: .65rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        th:first-child, td:first-child { padding-left: 1.25rem; } th:last-child, td:last-child { padding-right: 1.25rem; }
        tbody tr:last-child td { border-bottom: 0; }
        tbody tr:hover { background: var(--sunken); }
        td .sub { display: block; color: var(--muted); font-size: .86rem; }
        td a.primary { font-weight: 600; color: var(--text); } td a.primary:hover { color: var(--accent); }
        .right { text-align: right; }
        .badge {
          display: inline-flex; align-items: center; gap: .35rem; padding: .1rem .55rem; border-radius: 999px; font-size: .82rem; font-weight: 600;
          line-height: 1.5; white-space: nowrap; color: var(--muted); background: var(--sunken); border: 1px solid var(--line);
        }
        .badge::before { content: ""; width: .45rem; height: .45rem; border-radius: 50%; background: currentColor; }
        .badge.good { color: var(--good); background: var(--good-ground); border-color: transparent; }
        .badge.warn { color: var(--warn); background: var(--warn-ground); border-color: transparent; }
        .badge.bad { color: var(--bad); background: var(--bad-ground); border-color: transparent; }
        .badge.info { color: var(--accent); background: var(--accent-ground); border-color: transparent; }
        .badge.warn::before { border-radius: 1px; } .badge.bad::before { border-radius: 0; transform: rotate(45deg); }
        .bar { display: block; width: 100%; height: .5rem; border-radius: 999px; overflow: hidden; }
        .bar .track { fill: var(--track); } .bar .fill { fill: var(--accent); }
        .good .fill, .fill.good { fill: var(--good); } .warn .fill, .fill.warn { fill: var(--warn); } .bad .fill, .fill.bad { fill: var(--bad); }
        .meter { display: grid; grid-template-columns: minmax(3.5rem, 1fr) 2.6rem; align-items: center; gap: .6rem; min-width: 7rem; font-variant-numeric: tabular-nums; font-size: .88rem; }
        .ring { width: 5.25rem; height: 5.25rem; flex: none; }
        .ring circle { fill: none; stroke-width: 9; }
        .ring .track { stroke: var(--track); } .ring .fill { stroke: var(--accent); stroke-linecap: round; fill: none; }
        .ring.good .fill { stroke: var(--good); fill: none; } .ring.warn .fill { stroke: var(--warn); fill: none; } .ring.bad .fill { stroke: var(--bad); fill: none; }
        .ring text { font: 650 27px var(--sans); fill: var(--text); text-anchor: middle; dominant-baseline: central; font-variant-numeric: tabular-nums; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .9rem 1.5rem; padding: 1.1rem 1.25rem; }
        .facts dt { color: var(--muted); font-size: .82rem; } .facts dd { overflow-wrap: anywhere; }
        .empty { padding: 2rem 1.25rem 2.25rem; text-align: center; color: var(--muted); border-top: 1px solid var(--line); }
        .empty strong { display: block; color: var(--text); font-weight: 600; margin-bottom: .2rem; }
        .empty code { background: var(--sunken); border: 1px solid var(--line); padding: .1rem .4rem; border-radius: 4px; color: var(--text); }
        .notice { padding: .8rem 1.1rem; border-radius: 8px; margin-bottom: 1.25rem; border: 1px solid transparent; display: flex; justify-content: space-between; gap: 1rem; align-items: center; flex-wrap: wrap; }
        .notice.bad { background: var(--bad-ground); color: var(--bad); } .notice.warn { background: var(--warn-ground); color: var(--warn); }
        .notice.good { background: var(--good-ground); color: var(--good); }
        .notice strong { font-weight: 650; }
        button, .button {
          font: 600 .9rem/1.2 var(--sans); color: var(--text); background: var(--surface); border: 1px solid var(--line-strong);
          border-radius: 7px; padding: .5rem .85rem; cursor: pointer;
        }
        button:hover { background: var(--sunken); }
        button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
        button.primary:hover { filter: brightness(1.08); }
        button.quiet { border-color: transparent; background: transparent; color: var(--muted); padding: .35rem .5rem; }
        button.quiet:hover { color: var(--text); background: var(--sunken); }

        """

    private static let pages = """
        .figures { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(15.5rem, 1fr)); margin-bottom: 1.25rem; }
        .figure { display: flex; gap: 1.1rem; align-items: center; padding: 1.1rem 1.25rem; margin: 0; }
        .figure .label { color: var(--muted); font-size: .86rem; font-weight: 550; }
        .figure .value { font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
        .figure .value small { font-size: 1rem; font-weight: 500; color: var(--muted); letter-spacing: 0; }
        .figure .note { font-size: .86rem; color: var(--muted); }
        .reasons { list-style: none; padding: 0 1.25rem 1.1rem; display: grid; gap: .5rem; }
        .reasons li { display: grid; grid-template-columns: 3rem 1fr; gap: .5rem; align-items: baseline; }
        .reasons .points { font-weight: 650; color: var(--bad); font-variant-numeric: tabular-nums; }
        .feed { list-style: none; border-top: 1px solid var(--line); }
        .feed li { padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); display: grid; gap: .2rem; }
        .feed li:last-child { border-bottom: 0; }
        .feed .meta { display: flex; gap: .3rem .8rem; align-items: center; flex-wrap: wrap; font-size: .86rem; color: var(--muted); }
        .feed .what { overflow-wrap: anywhere; }
        .hashes { display: grid; gap: .55rem; }
        .hashes div { display: grid; grid-template-columns: 6.2rem 1fr; gap: .75rem; align-items: baseline; }
        .hashes dt { color: var(--muted); font-size: .86rem; }
        .hashes dd { font-family: var(--mono); font-size: .8rem; overflow-wrap: anywhere; }
        .verdict { display: flex; gap: .4rem .8rem; align-items: center; margin-bottom: 1rem; flex-wrap: wrap; }
        .confidence { display: grid; gap: .8rem; }
        .confidence > div { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: .2rem .75rem; align-items: center; }
        .confidence dt { color: var(--muted); font-size: .86rem; } .confidence dd.name { font-weight: 600; }
        .confidence dd.level { grid-column: 2; }
        .sign-in { flex: 1; display: grid; place-items: center; padding: 2rem 1rem; }
        .sign-in .panel { width: 100%; max-width: 24rem; }
        .sign-in .brand { font-size: 1.35rem; margin-bottom: 1.5rem; justify-content: center; width: 100%; }
        .sign-in .brand svg { width: 2.1rem; height: 2.1rem; }
        .sign-in .card { padding: 1.6rem; overflow: visible; }
        .sign-in h1 { font-size: 1.2rem; margin-bottom: 1.1rem; }
        .field { display: grid; gap: .3rem; margin-bottom: 1rem; }
        .field label { font-weight: 600; font-size: .9rem; }
        .field .hint { color: var(--muted); font-size: .85rem; }
        .field input {
          font: 400 1rem/1.4 var(--sans); color: var(--text); background: var(--surface); border: 1px solid var(--line-strong);
          border-radius: 7px; padding: .55rem .7rem; width: 100%;
        }
        .sign-in button.primary { width: 100%; padding: .7rem; font-size: .98rem; }

        """
}
