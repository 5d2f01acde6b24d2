/// One device: what it is held to be and why, what it may, what it tried.
enum DeviceTemplate {
    static let text = """
        {{<layout}}{{$content}}
        <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/">Fleet</a></li><li><a href="{{gatewayHref}}">{{gatewayName}}</a></li><li aria-current="page">{{name}}</li></ol></nav>
        <div class="head"><div id="device-head" data-live>
        <div class="titleline"><h1>{{name}}</h1>{{#kindBadge}}{{> badge}}{{/kindBadge}}</div>
        <p class="mono">{{key}}</p>
        </div></div>
        <div id="device-notice" data-live>{{#quarantine}}<div class="notice bad" role="status"><span><strong>In quarantine.</strong> {{quarantine}}</span>{{#mayRelease}}<form method="post" action="{{releaseHref}}" data-confirm="Let this device out of quarantine?"><input type="hidden" name="form" value="{{formToken}}"><button>Release from quarantine</button></form>{{/mayRelease}}</div>{{/quarantine}}{{#flash}}<p class="notice {{tone}}" role="status">{{text}}</p>{{/flash}}</div>

        <section class="card" id="device-facts" data-live aria-label="About this device"><dl class="facts">
        {{#facts}}<div><dt>{{label}}</dt><dd>{{#time}}{{> time}}{{/time}}{{value}}</dd></div>{{/facts}}
        </dl></section>

        <div class="grid">
        <div class="span-8 stack">
        <section class="card" aria-labelledby="violations-title">
        <header><h2 id="violations-title">What it tried and may not</h2><p id="violation-count" data-live>{{violationNote}}</p></header>
        <div id="violations" data-live data-announce="New blocked attempts.">
        {{#hasViolations}}
        <div class="scroll"><table>
        <thead><tr><th scope="col">Destination</th><th scope="col">Port</th><th scope="col">Why</th><th scope="col">Outcome</th><th scope="col" class="right">Packets</th><th scope="col">When</th></tr></thead>
        <tbody>
        {{#violations}}
        <tr data-key="{{key}}"><td>{{destination}}{{#address}}<span class="sub mono">{{address}}</span>{{/address}}</td><td class="nowrap mono">{{port}}</td><td>{{why}}<span class="sub">allowlist {{policy}}</span></td><td>{{#outcome}}{{> badge}}{{/outcome}}</td><td class="right number">{{count}}</td><td class="nowrap">{{#time}}{{> time}}{{/time}}</td></tr>
        {{/violations}}
        </tbody></table></div>
        {{/hasViolations}}
        {{^hasViolations}}<div class="empty"><strong>Nothing</strong>Every packet it sent was allowed by its policy.</div>{{/hasViolations}}
        </div>
        </section>

        <section class="card" id="flows" data-live aria-label="Where it connects to">
        <header><h2>Where it connects to</h2><p>{{flowNote}}</p></header>
        {{#hasFlows}}
        <div class="scroll"><table>
        <thead><tr><th scope="col">Destination</th><th scope="col">Port</th><th scope="col" class="right">Connections</th><th scope="col">First</th><th scope="col">Last</th></tr></thead>
        <tbody>
        {{#flows}}
        <tr data-key="{{key}}"><td>{{destination}}{{#address}}<span class="sub mono">{{address}}</span>{{/address}}</td><td class="nowrap mono">{{port}}</td><td class="right number">{{count}}</td><td class="nowrap">{{#first}}{{> time}}{{/first}}</td><td class="nowrap">{{#last}}{{> time}}{{/last}}</td></tr>
        {{/flows}}
        </tbody></table></div>
        {{/hasFlows}}
        </section>

        <section class="card" aria-labelledby="evidence-title">
        <header><h2 id="evidence-title">Evidence</h2><p>What it let be seen, and what that speaks for</p></header>
        <div id="evidence" data-live>
        {{#hasEvidence}}
        <div class="scroll"><table>
        <thead><tr><th scope="col">Signal</th><th scope="col">Value</th><th scope="col">Speaks for</th><th scope="col">Weight</th></tr></thead>
        <tbody>
        {{#evidence}}
        <tr><td class="mono nowrap">{{signal}}</td><td class="mono">{{value}}</td><td>{{says}}</td><td><span class="meter">{{> bar}}<span>{{weight}}</span></span></td></tr>
        {{/evidence}}
        </tbody></table></div>
        {{/hasEvidence}}
        {{^hasEvidence}}<div class="empty"><strong>No evidence yet</strong>Nothing this device has sent so far says what it is.</div>{{/hasEvidence}}
        </div>
        </section>

        <section class="card" id="banners" data-live aria-label="Banners">
        {{#hasBanners}}
        <header><h2>Banners</h2><p>What Recog's fingerprints make of them, beside the identity above</p></header>
        <div class="scroll"><table>
        <thead><tr><th scope="col">Signal</th><th scope="col">Banner</th><th scope="col">Says</th><th scope="col">Fingerprint</th></tr></thead>
        <tbody>
        {{#banners}}
        <tr><td class="mono nowrap">{{signal}}</td><td class="mono">{{banner}}</td><td>{{#says}}<div>{{text}}{{#cpe}}<span class="sub mono">{{cpe}}</span>{{/cpe}}</div>{{/says}}</td><td>{{fingerprint}}<span class="sub mono">{{source}}</span></td></tr>
        {{/banners}}
        </tbody></table></div>
        {{/hasBanners}}
        {{^hasBanners}}<header><h2>Banners</h2><p>{{bannerNote}}</p></header>{{/hasBanners}}
        </section>

        <section class="card" id="contradictions" data-live aria-label="Contradictions">
        {{#hasContradictions}}
        <header><h2>Contradictions</h2><p>What speaks against it</p></header>
        <div class="scroll"><table>
        <thead><tr><th scope="col">Signal</th><th scope="col">Value</th><th scope="col">Speaks for</th><th scope="col">Weight</th></tr></thead>
        <tbody>
        {{#contradictions}}
        <tr><td class="mono nowrap">{{signal}}</td><td class="mono">{{value}}</td><td>{{says}}</td><td><span class="meter">{{> bar}}<span>{{weight}}</span></span></td></tr>
        {{/contradictions}}
        </tbody></table></div>
        {{/hasContradictions}}
        {{^hasContradictions}}<header><h2>Contradictions</h2><p>None: no signal speaks against this identity.</p></header>{{/hasContradictions}}
        </section>

        <section class="card" id="changes" data-live aria-label="What it was held to be before">
        {{#hasHistory}}
        <header><h2>Before</h2><p>What it was held to be, and what decided</p></header>
        <div class="scroll"><table>
        <thead><tr><th scope="col">Was</th><th scope="col">Became</th><th scope="col">Decided by</th><th scope="col">When</th></tr></thead>
        <tbody>
        {{#history}}
        <tr><td>{{before}}</td><td>{{after}}</td><td class="mono">{{signal}}<span class="sub mono">{{value}}</span></td><td class="nowrap">{{#time}}{{> time}}{{/time}}</td></tr>
        {{/history}}
        </tbody></table></div>
        {{/hasHistory}}
        {{^hasHistory}}<header><h2>Before</h2><p>It was never held to be anything else.</p></header>{{/hasHistory}}
        </section>
        </div>

        <div class="span-4 stack">
        <section class="card" aria-labelledby="identity-title">
        <header><h2 id="identity-title">Identity</h2></header>
        <div class="pad" id="identity" data-live><dl class="confidence">
        {{#identity}}<div><dt>{{label}}</dt><dd class="name">{{value}}</dd><dd class="level">{{#bar}}<span class="meter">{{> bar}}<span>{{text}}</span></span>{{/bar}}</dd></div>{{/identity}}
        </dl></div>
        </section>

        <section class="card" aria-labelledby="device-reasons-title">
        <header><h2 id="device-reasons-title">Posture</h2><p id="device-score" data-live>{{scoreText}}</p></header>
        <div id="device-reasons" data-live>
        {{#hasReasons}}<ul class="reasons">{{#reasons}}<li><span class="points">−{{points}}</span><span>{{text}}</span></li>{{/reasons}}</ul>{{/hasReasons}}
        {{^hasReasons}}<div class="empty">Nothing lowers it.</div>{{/hasReasons}}
        </div>
        </section>

        <section class="card" aria-labelledby="history-title">
        <header><h2 id="history-title">Events</h2></header>
        <div id="history" data-live data-announce="New events.">
        {{#hasEvents}}{{> events}}{{/hasEvents}}
        {{^hasEvents}}<div class="empty">Nothing has happened yet.</div>{{/hasEvents}}
        </div>
        </section>
        </div>
        </div>
        {{/content}}{{/layout}}
        """
}
