// Asks a device for a passkey, and sends what it answers in the form: on the page of the second step, and where one is added.
export function usePasskeys(page) {
  const known = window.PublicKeyCredential;
  if (!known?.parseRequestOptionsFromJSON) return;
  for (const [name, ask] of [
    ["passkey", (asked) => navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) })],
    ["newPasskey", (asked) => navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) })],
  ]) {
    for (const form of page.querySelectorAll("form")) if (form.dataset[name]) offer(form, JSON.parse(form.dataset[name]), ask);
  }
}

function offer(form, asked, ask) {
  const part = form.querySelector("[data-for-passkeys]");
  const line = part.querySelector("[role=status]");
  part.hidden = false;
  part.querySelector("button").addEventListener("click", async () => {
    line.textContent = "Waiting for your device …";
    try {
      part.querySelector("[name=passkey]").value = JSON.stringify(await ask(asked));
    } catch {
      line.textContent = "Your device gave no passkey. Try again, or use another way.";
      return;
    }
    form.submit();
  });
}
