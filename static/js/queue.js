/* A key for each button of the curators' queue. Without this the buttons do the same. */
(() => {
  const form = document.querySelector("[data-queue]");
  if (!form) return;
  let done = false; // a second key must not decide on a review that nobody has seen yet
  form.addEventListener("submit", (event) => {
    if (done) event.preventDefault();
    done = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input:not([type=hidden]), select, textarea")) return;
    const key = CSS.escape(event.key.toLowerCase());
    const button = form.querySelector(`[data-key="${key}"]`);
    if (button) form.requestSubmit(button);
  });
  // Back from the next page, the browser shows this one as it was left.
  addEventListener("pageshow", () => { done = false; });
})();
