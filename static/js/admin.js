/* Accessible names that the templates of Django's admin lack. */
addEventListener("load", () => {
  const search = document.querySelector("#searchbar");
  const sign = document.querySelector("label[for=searchbar] img");
  if (search && sign) search.setAttribute("aria-label", sign.alt);
  // Wait until the page's scripts have created their widgets.
  setTimeout(() => {
    for (const sign of document.querySelectorAll("span.help-tooltip[aria-label]")) {
      sign.setAttribute("role", "img");
    }
  });
});
