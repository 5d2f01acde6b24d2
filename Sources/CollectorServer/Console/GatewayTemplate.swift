/// One gateway: what it is, the proof of its policy, its devices, what happened there.
enum GatewayTemplate {
    static let text = """
        {{<layout}}{{$content}}
        <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/">Fleet</a></li><li aria-current="page">{{name}}</li></ol></nav>
        <div class="head"><div id="gateway-head" data-live>
        <div class="titleline"><h1>{{name}}</h1>{{#state}}{{> badge}}{{/state}}</div>
        <p>{{site}} · <span class="mono">{{id}}</span></p>
        </div></div>
        <div id="gateway-notice" data-live>{{#notice}}<p class="notice {{tone}}" role="status"><span><strong>{{text}}</strong> {{detail}}</span></p>{{/notice}}</div>

        <section class="card" id="facts" data-live aria-label="About this gateway"><dl class="facts">
        {{#facts}}<div><dt>{{label}}</dt><dd>{{#time}}{{> time}}{{/time}}{{value}}</dd></div>{{/facts}}
        </dl></section>

        <div class="grid">
        <div class="span-8 stack">
        <section class="card" aria-labelledby="devices-title">
        <header><h2 id="devices-title">Devices</h2></header>
        <div id="devices" data-live>
        {{#hasDevices}}
        <div class="scroll"><table>
        <thead><tr><th scope="col">Device</th><th scope="col">What it is</th><th scope="col">Addresses</th><th scope="col">Allowlist</th><th scope="col">Posture</th><th scope="col">Last seen</th></tr></thead>
        <tbody>
        {{#devices}}
        <tr data-key="{{key}}"><td><a class="primary" href="{{href}}">{{name}}</a><span class="sub mono">{{key}}</span></td><td>{{kind}}<span class="sub">{{sureness}}</span></td><td class="mono">{{addresses}}</td><td>{{#quarantine}}{{> badge}}{{/quarantine}}{{^quarantine}}{{policy}}{{/quarantine}}{{#blocked}}<span class="sub">{{blocked}} packets blocked</span>{{/blocked}}</td><td>{{#posture}}<span class="meter">{{> bar}}<span>{{text}}</span></span>{{/posture}}</td><td class="nowrap">{{#lastSeen}}{{> time}}{{/lastSeen}}</td></tr>
        {{/devices}}
        </tbody></table></div>
        {{/hasDevices}}
        {{^hasDevices}}<div class="empty"><strong>No device seen yet</strong>Devices appear with their first packet on an interface the agent watches.</div>{{/hasDevices}}
        </div>
        </section>

        <section class="card" aria-labelledby="events-title">
        <header><h2 id="events-title">Events</h2></header>
        <div id="events" data-live data-announce="New events.">
        {{#hasEvents}}{{> events}}{{/hasEvents}}
        {{^hasEvents}}<div class="empty">Nothing has happened yet.</div>{{/hasEvents}}
        </div>
        </section>
        </div>

        <div class="span-4 stack">
        <section class="card" aria-labelledby="policy-title">
        <header><h2 id="policy-title">Policy</h2></header>
        <div class="pad" id="policy" data-live data-announce="The state of the policy has changed.">
        <div class="verdict">{{#policyState}}{{> badge}}{{/policyState}}<span>{{policyWords}}</span></div>
        {{#policyDetail}}<p class="notice {{policyTone}}">{{policyDetail}}</p>{{/policyDetail}}
        {{#hasHashes}}<dl class="hashes">{{#hashes}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/hashes}}</dl>{{/hasHashes}}
        {{#policyTimes}}<p class="muted">{{label}} {{#time}}{{> time}}{{/time}}{{value}}</p>{{/policyTimes}}
        </div>
        </section>

        <section class="card" aria-labelledby="gateway-reasons-title">
        <header><h2 id="gateway-reasons-title">Posture</h2><p id="gateway-score" data-live>{{scoreText}}</p></header>
        <div id="gateway-reasons" data-live>
        {{#hasReasons}}<ul class="reasons">{{#reasons}}<li><span class="points">−{{points}}</span><span>{{text}}</span></li>{{/reasons}}</ul>{{/hasReasons}}
        {{^hasReasons}}<div class="empty">Nothing lowers it.</div>{{/hasReasons}}
        </div>
        </section>
        </div>
        </div>
        {{/content}}{{/layout}}
        """
}
