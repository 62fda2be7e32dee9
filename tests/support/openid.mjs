// An OpenID provider, certified as such, that serves until it is ended: node openid.mjs PORT CLIENT SECRET CALLBACK ACCOUNTS
import Provider from "oidc-provider";

const [port, client_id, client_secret, callback, accounts] = process.argv.slice(2);
const people = JSON.parse(accounts);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id, client_secret, redirect_uris: [callback] }],
  claims: { email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, accountId) => people[accountId] && { accountId, claims: () => ({ sub: accountId, ...people[accountId] }) },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
