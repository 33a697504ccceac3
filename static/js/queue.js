/* Keyboard shortcuts for the moderation queue. Without this script the buttons still work. */
(() => {
  const forms = document.querySelectorAll("[data-queue]");
  const reasons = document.querySelector("[data-queue-hide]");
  let done = false; // a second key press must not decide on the next review, not yet seen
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (done) event.preventDefault();
      done = true;
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input:not([type=hidden]), select, textarea")) return;
    const key = event.key.toLowerCase();
    if (key === "escape" && reasons) reasons.open = false;
    const chosen = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!chosen) return;
    if (chosen.matches("summary")) {
      reasons.open = !reasons.open;
      if (reasons.open) reasons.querySelector("button").focus();
    } else if (!chosen.closest("details:not([open])")) {
      chosen.form.requestSubmit(chosen);
    }
  });
  // The Back button restores this page with its old state.
  addEventListener("pageshow", () => { done = false; });
})();
