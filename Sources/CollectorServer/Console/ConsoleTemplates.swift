internal import Mustache

/// The console's templates, by name. Every `{{value}}` is escaped for HTML by the renderer; none is written with three
/// braces.
enum ConsoleTemplates {
    /// All templates, compiled once. Throws where one of them cannot be compiled, which a test would show.
    static func library() throws -> MustacheLibrary {
        var library = MustacheLibrary()
        for (name, text) in texts { try library.register(text, named: name) }
        return library
    }

    private static let texts: [(String, String)] = [
        ("layout", layout), ("logo", logo), ("time", time), ("badge", badge), ("bar", bar),
        ("ring", FleetTemplate.ring), ("events", events),
        ("login", LoginTemplate.text), ("fleet", FleetTemplate.text), ("gateway", GatewayTemplate.text),
        ("device", DeviceTemplate.text), ("problem", problem),
    ]

    private static let layout = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{title}} · Gatehouse</title>
        <link rel="stylesheet" href="/assets/app.css">
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
        <script src="/assets/app.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to content</a>
        {{#chrome}}
        <header class="top"><div class="frame">
        <a class="brand" href="/">{{> logo}}Gatehouse</a>
        <nav aria-label="Main"><a href="/"{{#isFleet}} aria-current="page"{{/isFleet}}>Fleet</a></nav>
        <div class="who">
        <span class="live" id="live-state" role="status">Loaded</span>
        <span class="name muted">{{user}} · {{role}}</span>
        <form method="post" action="/logout"><input type="hidden" name="form" value="{{formToken}}"><button class="quiet">Sign out</button></form>
        </div>
        </div></header>
        {{/chrome}}
        <main id="content" tabindex="-1"><div class="frame">
        {{$content}}{{/content}}
        </div></main>
        <p class="visually-hidden" id="announcer" role="status" aria-live="polite"></p>
        <footer><div class="frame"><span>Gatehouse {{version}}</span><span>All times are UTC unless they say how long ago.</span></div></footer>
        </body>
        </html>

        """

    private static let logo = """
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="M3 21V8l3-2V3h3v2h6V3h3v3l3 2v13z"/><path d="M9 21v-6a3 3 0 0 1 6 0v6"/><path d="M12 12v9M9 17h6"/></svg>
        """

    private static let time = """
        <time datetime="{{iso}}" data-ago>{{text}}</time>
        """

    private static let badge = """
        <span class="badge {{tone}}">{{text}}</span>
        """

    private static let bar = """
        <svg class="bar {{tone}}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="fill" width="{{width}}" height="8"/></svg>
        """

    private static let events = """
        <ul class="feed">
        {{#events}}
        <li data-key="{{key}}"><div class="meta">{{#severity}}{{> badge}}{{/severity}}<span>{{kind}}</span>{{#time}}{{> time}}{{/time}}{{#gateway}}<a href="{{href}}">{{text}}</a>{{/gateway}}{{#device}}<a href="{{href}}">{{text}}</a>{{/device}}</div><div class="what">{{summary}}</div></li>
        {{/events}}
        </ul>
        """

    private static let problem = """
        {{<layout}}{{$content}}
        <div class="head"><div><h1>{{heading}}</h1><p>{{detail}}</p></div></div>
        {{#remedy}}<p>{{remedy}}</p>{{/remedy}}
        <p><a href="/">Back to the fleet</a></p>
        {{/content}}{{/layout}}
        """
}
