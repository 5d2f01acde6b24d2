/// The page where people sign in.
enum LoginTemplate {
    static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sign in · Gatehouse</title>
        <link rel="stylesheet" href="/assets/app.css">
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
        </head>
        <body>
        <main class="sign-in"><div class="panel">
        <div class="brand">{{> logo}}Gatehouse</div>
        <div class="card">
        <h1>{{heading}}</h1>
        {{#fault}}<p class="notice bad" role="alert">{{fault}}</p>{{/fault}}
        {{#hint}}<p class="notice warn" role="status">{{hint}}</p>{{/hint}}
        <form method="post" action="/login">
        <input type="hidden" name="next" value="{{next}}">
        <input type="hidden" name="form" value="{{formToken}}">
        <div class="field"><label for="user">User</label><input id="user" name="user" value="{{user}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{^user}} autofocus{{/user}}></div>
        <div class="field"><label for="password">{{#mustChange}}One-time password{{/mustChange}}{{^mustChange}}Password{{/mustChange}}</label><input id="password" name="password" type="password" autocomplete="current-password" required{{#user}} autofocus{{/user}}></div>
        {{#mustChange}}
        <div class="field"><label for="new-password">New password</label><input id="new-password" name="newPassword" type="password" autocomplete="new-password" minlength="12" required aria-describedby="new-hint"><span class="hint" id="new-hint">12 characters or more. A few random words make a good one.</span></div>
        <div class="field"><label for="repeat-password">New password again</label><input id="repeat-password" name="repeatPassword" type="password" autocomplete="new-password" minlength="12" required></div>
        {{/mustChange}}
        <button class="primary">{{#mustChange}}Change password and sign in{{/mustChange}}{{^mustChange}}Sign in{{/mustChange}}</button>
        </form>
        </div>
        </div></main>
        </body>
        </html>

        """
}
