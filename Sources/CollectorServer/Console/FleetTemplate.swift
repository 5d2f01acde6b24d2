/// The fleet: how it stands, its gateways, what happened.
enum FleetTemplate {
    static let text = """
        {{<layout}}{{$content}}
        <div class="head"><div><h1>Fleet</h1><p id="fleet-summary" data-live>{{summary}}</p></div></div>

        <section class="figures" id="figures" data-live aria-label="Key figures">
        <div class="card figure">{{> ring}}<div><div class="label">Posture</div><div class="value">{{#score}}{{score}}<small> of 100</small>{{/score}}{{^score}}–{{/score}}</div><div class="note">{{scoreNote}}</div></div></div>
        <div class="card figure">{{#provedRing}}{{> ring}}{{/provedRing}}<div><div class="label">Proved in the kernel</div><div class="value">{{provedPercent}}<small> %</small></div><div class="note">{{provedNote}}</div></div></div>
        <div class="card figure"><div><div class="label">Gateways connected</div><div class="value">{{connected}}<small> of {{gatewayCount}}</small></div><div class="note">{{gatewayNote}}</div></div></div>
        <div class="card figure"><div><div class="label">Devices</div><div class="value">{{deviceCount}}</div><div class="note">{{deviceNote}}</div></div></div>
        <div class="card figure"><div><div class="label">Incidents, 24 hours</div><div class="value">{{incidentCount}}</div><div class="note">{{incidentNote}}</div></div></div>
        </section>

        <div class="grid">
        <section class="card span-8" aria-labelledby="gateways-title">
        <header><h2 id="gateways-title">Gateways</h2></header>
        <div id="gateways" data-live>
        {{#hasGateways}}
        <div class="scroll"><table>
        <thead><tr><th scope="col">Gateway</th><th scope="col">State</th><th scope="col">Devices</th><th scope="col">Policy</th><th scope="col">Posture</th><th scope="col">Last heard of</th></tr></thead>
        <tbody>
        {{#gateways}}
        <tr data-key="{{id}}"><td><a class="primary" href="{{href}}">{{name}}</a><span class="sub">{{site}}</span></td><td>{{#state}}{{> badge}}{{/state}}</td><td class="nowrap"><span class="number">{{devices}}</span>{{#quarantined}}<span class="sub">{{quarantined}} in quarantine</span>{{/quarantined}}</td><td>{{#policy}}{{> badge}}{{/policy}}{{#generation}}<span class="sub">generation {{generation}}</span>{{/generation}}</td><td>{{#posture}}<span class="meter">{{> bar}}<span>{{text}}</span></span>{{/posture}}{{^posture}}<span class="muted">–</span>{{/posture}}</td><td class="nowrap">{{#lastSeen}}{{> time}}{{/lastSeen}}{{^lastSeen}}<span class="muted">never</span>{{/lastSeen}}</td></tr>
        {{/gateways}}
        </tbody></table></div>
        {{/hasGateways}}
        {{^hasGateways}}
        <div class="empty"><strong>No gateway has enrolled yet</strong>Make a one-time token, and redeem it on the gateway.<br><br><code>gatehousectl token create --site NAME</code> &nbsp;then&nbsp; <code>gatehouse-agent enroll --token-file FILE</code></div>
        {{/hasGateways}}
        </div>
        {{#isCut}}<p class="pad muted">Only the first {{gatewayLimit}} are shown; the API and gatehousectl list them all.</p>{{/isCut}}
        </section>

        <div class="span-4 stack">
        <section class="card" aria-labelledby="incidents-title">
        <header><h2 id="incidents-title">Recent incidents</h2></header>
        <div id="incidents" data-live data-announce="The list of incidents has changed.">
        {{#hasEvents}}{{> events}}{{/hasEvents}}
        {{^hasEvents}}<div class="empty"><strong>Nothing to look at</strong>Scans, floods, quarantine and refused policies show up here.</div>{{/hasEvents}}
        </div>
        </section>

        <section class="card" aria-labelledby="reasons-title">
        <header><h2 id="reasons-title">What lowers the score</h2></header>
        <div id="reasons" data-live>
        {{#hasReasons}}<ul class="reasons">{{#reasons}}<li><span class="points">−{{points}}</span><span>{{text}}{{#note}} <span class="muted">{{note}}</span>{{/note}}</span></li>{{/reasons}}</ul>{{/hasReasons}}
        {{^hasReasons}}<div class="empty">Nothing.</div>{{/hasReasons}}
        </div>
        </section>
        </div>
        </div>
        {{/content}}{{/layout}}
        """

    static let ring = """
        <svg class="ring {{ringTone}}" viewBox="0 0 100 100" aria-hidden="true"><circle class="track" cx="50" cy="50" r="42"/><circle class="fill" cx="50" cy="50" r="42" stroke-dasharray="{{ringDash}} 264" transform="rotate(-90 50 50)"/></svg>
        """
}
