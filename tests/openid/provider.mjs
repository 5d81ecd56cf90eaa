// A certified OpenID provider for tests: `node provider.mjs '{"port": 0, ...}'`. Whoever gives a name is let in under it.
//
// ana@example.org has that address, verified; "unverified:ana@example.org" has it too, unverified. Names may be followed
// by groups: "ana@example.org ml ops". Redirects go back to any house on this machine.
import Provider from "oidc-provider";

const { port, client, secret, idTokenS } = JSON.parse(process.argv[2]);
const BACK = /^http:\/\/(127\.0\.0\.1|localhost):\d+\/api\/v1\/sign-in\/callback$/;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: ["http://127.0.0.1/api/v1/sign-in/callback"],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "offline_access", "email", "profile", "groups"],
  pkce: { required: () => true },
  ttl: { IdToken: idTokenS, AccessToken: 300, AuthorizationCode: 60, Grant: 3600, Interaction: 600, Session: 3600 },
  cookies: { keys: ["not a secret in a test"] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => claimsOf(id) }),
});

function claimsOf(id) {
  const [login, ...groups] = id.split(" ");
  const verified = !login.startsWith("unverified:");
  const email = verified ? login : login.slice("unverified:".length);
  return { sub: id, name: email.split("@")[0], email, email_verified: verified, groups };
}

provider.Client.prototype.redirectUriAllowed = (uri) => BACK.test(uri);

provider.listen(port, "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => process.exit(0));
