/* Shows the prediction while somebody types. Without this script the form's button does it. */
(() => {
  const form = document.querySelector("[data-live-preview]");
  if (!form) return;
  const field = form.querySelector("textarea");
  const shown = document.querySelector("[data-preview]");
  const status = document.querySelector("[data-preview-status]");
  const PAUSE_MS = 500;
  let pause = 0;
  let request = new AbortController();

  const show = (html) => {
    shown.innerHTML = html;
    const announcement = shown.querySelector("[data-announce]");
    status.textContent = announcement ? announcement.textContent : "";
  };
  const predict = async () => {
    clearTimeout(pause);
    request.abort(); // a response to an older text is useless
    request = new AbortController();
    if (!field.value.trim()) return show("");
    const body = new FormData(form);
    body.set("preview", "1");
    try {
      const headers = { "X-Preview": "1" };
      const options = { method: "POST", body, headers, signal: request.signal };
      const answer = await fetch(form.action, options);
      if (answer.ok) show(await answer.text());
    } catch { /* offline, or aborted: keep the last prediction */ }
  };
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(predict, PAUSE_MS);
  });
  form.querySelector("[data-preview-button]").addEventListener("click", (event) => {
    event.preventDefault();
    if (field.reportValidity()) predict();
  });
})();
