/* Names in Django's admin that assistive technology does not get from its templates. */
addEventListener("load", () => {
  const search = document.querySelector("#searchbar");
  const sign = document.querySelector("label[for=searchbar] img");
  if (search && sign) search.setAttribute("aria-label", sign.alt);
  // After the scripts of the page have drawn their widgets.
  setTimeout(() => {
    for (const sign of document.querySelectorAll("span.help-tooltip[aria-label]")) {
      sign.setAttribute("role", "img");
    }
  });
});
