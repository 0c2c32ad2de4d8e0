// Authorization code with PKCE: the browser holds the verifier, the API adds the client secret. SPDX-License-Identifier: Apache-2.0
"use strict";

const show = (text) => { document.getElementById("message").textContent = text; };
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const detail = body.detail;
  throw new Error(typeof detail === "string" ? detail : detail?.message || detail?.error || "status " + response.status);
}

async function begin() {
  const config = await answer(await fetch("/v1/auth/config"));
  if (config.auth_mode !== "scaikey") return show("Sign-in is not configured on this server.");
  const verifier = random();
  const state = random();
  sessionStorage.setItem("pkce", JSON.stringify({ verifier, state, redirect_uri: config.redirect_uri }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    response_type: "code", client_id: config.client_id, redirect_uri: config.redirect_uri,
    scope: "openid profile email offline_access", state, code_challenge: base64url(digest), code_challenge_method: "S256",
  });
  location.assign(config.scaikey_base_url + "/api/v1/platform/oauth/authorize?" + query);
}

async function finish() {
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", "/");
  const kept = JSON.parse(sessionStorage.getItem("pkce") || "null");
  sessionStorage.removeItem("pkce");
  if (query.get("error")) throw new Error(query.get("error_description") || query.get("error"));
  if (!kept || kept.state !== query.get("state"))
    throw new Error("PKCE state mismatch: the login flow is invalid or expired. Sign in again.");
  const tokens = await answer(await fetch("/v1/auth/exchange", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: query.get("code"), code_verifier: kept.verifier, redirect_uri: kept.redirect_uri }),
  }));
  sessionStorage.setItem("access_token", tokens.access_token);
}

async function who() {
  const token = sessionStorage.getItem("access_token");
  document.getElementById("sign-in").hidden = !!token;
  document.getElementById("sign-out").hidden = !token;
  if (!token) return;
  const me = await answer(await fetch("/v1/me", { headers: { Authorization: "Bearer " + token } }));
  const pre = document.getElementById("me");
  pre.hidden = false;
  pre.textContent = JSON.stringify(me, null, 2);
  show("GET /v1/me");
  document.getElementById("token-line").hidden = false;
}

document.getElementById("copy").addEventListener("click", () =>
  navigator.clipboard.writeText(sessionStorage.getItem("access_token") || "").then(() => show("copied")));
const report = (error) => show(error.message);
document.getElementById("sign-in").addEventListener("click", () => begin().catch(report));
document.getElementById("sign-out").addEventListener("click", () => { sessionStorage.clear(); location.assign("/"); });
(location.pathname === "/auth/callback" ? finish().finally(() => who()) : who()).catch(report);
