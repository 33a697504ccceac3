/* Replaces a poster that does not load by the drawn one.
   Without this script the drawn one is behind it (in noscript). */
(() => {
  const draw = (image) => {
    const { drawn } = image.dataset;
    if (!drawn) return;
    delete image.dataset.drawn; // once only
    image.src = drawn;
  };
  // Errors of images do not bubble.
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) draw(event.target);
  }, true);
  for (const image of document.querySelectorAll("img[data-drawn]")) {
    if (image.complete && !image.naturalWidth) draw(image); // failed before this script ran
  }
})();
