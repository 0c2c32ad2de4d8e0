// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/page.hpp"

#include "lib/crypto/crypto.hpp"

namespace scaikey::oauth {

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--back:#eef1f5;--line:#c3cad5;--go:#1f5fbf;--bad:#a3182b}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--paper:#1b2129;--back:#11151b;--line:#414b59;--go:#6ea3f2;--bad:#ff8b97}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;padding:16px}
main{width:100%;max-width:400px;background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:32px}
h1{font-size:1.35rem;line-height:1.25;margin:0 0 4px}
p{margin:0 0 20px}
label{display:block;font-weight:600;margin:0 0 4px}
input[type=email],input[type=password]{width:100%;font:inherit;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:0 0 16px}
button{width:100%;font:inherit;font-weight:600;color:var(--paper);background:var(--go);border:0;border-radius:6px;
padding:11px 12px;margin:0 0 8px;cursor:pointer}
:focus-visible{outline:3px solid var(--go);outline-offset:2px}
.error{border-left:4px solid var(--bad);padding:8px 12px;margin:0 0 20px;color:var(--bad)}
.who{overflow-wrap:anywhere}
)";

scai::web::Response page(std::string_view title, const std::string& content, std::string_view form_target,
                         int status) {
    const auto nonce = scai::crypto::random_id(24);
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"robots\" content=\"noindex\">\n<title>";
    html += escape(title);
    html += "</title>\n<style nonce=\"" + nonce + "\">";
    html += style;
    html += "</style>\n</head>\n<body>\n<main>\n<h1>";
    html += escape(title);
    html += "</h1>\n";
    html += content;
    html += "</main>\n</body>\n</html>\n";
    auto response = scai::web::Response::html(std::move(html), status);
    std::string policy = "default-src 'none'; style-src 'nonce-" + nonce + "'; form-action 'self'";
    if (!form_target.empty())
        policy += " " + std::string(form_target);
    policy += "; base-uri 'none'; frame-ancestors 'none'";
    response.header("Content-Security-Policy", policy)
        .header("X-Frame-Options", "DENY")
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("Cache-Control", "no-store");
    return response;
}

std::string hidden(std::string_view name, std::string_view value) {
    return "<input type=\"hidden\" name=\"" + std::string(name) + "\" value=\"" + escape(value) + "\">\n";
}

} // namespace

scai::web::Response sign_in_page(const SignInPage& view, std::string_view form_target, int status) {
    const std::string where = view.tenant.empty()
                                  ? std::string()
                                  : " with your <strong>" + escape(view.tenant) + "</strong> account";
    std::string content =
        "<p>to continue to <strong>" + escape(view.application) + "</strong>" + where + "</p>\n";
    if (!view.error.empty())
        content += "<p class=\"error\" role=\"alert\" id=\"problem\">" + escape(view.error) + "</p>\n";
    const std::string described = view.error.empty() ? "" : " aria-describedby=\"problem\"";
    // The field the person has to type into next gets the cursor.
    const bool known = !view.email.empty();
    // No action attribute: the form goes back to this very URL, query included.
    content += "<form method=\"post\">\n" + hidden("csrf", view.csrf) +
               "<label for=\"email\">E-mail address</label>\n"
               "<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" "
               "spellcheck=\"false\" maxlength=\"320\" required value=\"" +
               escape(view.email) + "\"" + described + (known ? "" : " autofocus") +
               ">\n<label for=\"password\">Password</label>\n"
               "<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" "
               "maxlength=\"1024\" required" +
               described + (known ? " autofocus" : "") +
               ">\n<button type=\"submit\">Sign in</button>\n</form>\n";
    return page("Sign in", content, form_target, status);
}

scai::web::Response choice_page(const ChoicePage& view, std::string_view form_target) {
    std::string content =
        "<p>The account <strong class=\"who\">" + escape(view.email) +
        "</strong> exists in several organisations. Which one do you want to use with <strong>" +
        escape(view.application) + "</strong>?</p>\n<form method=\"post\">\n" + hidden("csrf", view.csrf) +
        hidden("flow", view.flow);
    for (const auto& [id, name] : view.tenants)
        content += "<button type=\"submit\" name=\"tenant_id\" value=\"" + escape(id) + "\">" + escape(name) +
                   "</button>\n";
    content += "</form>\n";
    return page("Choose an organisation", content, form_target, 200);
}

scai::web::Response sign_out_page(const SignOutPage& view, std::string_view form_target) {
    const std::string content = "<p>You are signed in as <strong class=\"who\">" + escape(view.email) +
                                "</strong>.</p>\n<form method=\"post\">\n" + hidden("csrf", view.csrf) +
                                "<button type=\"submit\">Sign out</button>\n</form>\n";
    return page("Sign out?", content, form_target, 200);
}

scai::web::Response message_page(std::string_view title, std::string_view text, int status) {
    return page(title, "<p>" + escape(text) + "</p>\n", "", status);
}

} // namespace scaikey::oauth
