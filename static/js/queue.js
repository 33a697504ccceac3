/* Keyboard shortcuts for the moderation queue. Without this script the buttons still work. */
(() => {
  const form = document.querySelector("[data-queue]");
  if (!form) return;
  let done = false; // a second key press must not decide on the next review, not yet seen
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
  // The Back button restores this page with its old state.
  addEventListener("pageshow", () => { done = false; });
})();
