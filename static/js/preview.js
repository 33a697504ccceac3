/* Has a text read while it is written. Without this the form's button does the same. */
(() => {
  const form = document.querySelector("[data-live-preview]");
  if (!form) return;
  const field = form.querySelector("textarea");
  const shown = document.querySelector("[data-preview]");
  const said = document.querySelector("[data-preview-said]");
  const PAUSE_MS = 500;
  let pause = 0;
  let reading = new AbortController();

  const show = (html) => {
    shown.innerHTML = html;
    const words = shown.querySelector("[data-said]");
    said.textContent = words ? words.textContent : "";
  };
  const read = async () => {
    clearTimeout(pause);
    reading.abort(); // an answer to older words is none
    reading = new AbortController();
    if (field.value.trim().length < 3) return show("");
    const body = new FormData(form);
    body.set("preview", "1");
    try {
      const headers = { "X-Preview": "1" };
      const options = { method: "POST", body, headers, signal: reading.signal };
      const answer = await fetch(form.action, options);
      if (answer.ok) show(await answer.text());
    } catch { /* offline, or overtaken: what was shown stays */ }
  };
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(read, PAUSE_MS);
  });
  form.querySelector("[data-preview-button]").addEventListener("click", (event) => {
    event.preventDefault();
    if (field.reportValidity()) read();
  });
})();
