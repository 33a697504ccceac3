/* Suggest movies below every search field with data-suggest, the URL that answers with them.
   Without this script the field's form leads to the list of movies. */
(() => {
  const PAUSE_MS = 120;
  let n = 0;

  const option = (movie, id) => {
    const item = document.createElement("li");
    item.id = id;
    item.className = "suggestions__movie";
    item.setAttribute("role", "option");
    item.dataset.url = movie.url;
    for (const [part, text] of [["title", movie.title], ["year", movie.year], ["verdict", movie.verdict]]) {
      const span = document.createElement("span");
      span.className = `suggestions__${part}`;
      span.textContent = text;
      item.append(span, " ");
    }
    return item;
  };

  const attach = (input) => {
    const list = document.createElement("ul");
    list.id = `suggestions-${n += 1}`;
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggestLabel);
    input.parentElement.classList.add("has-suggestions");
    input.insertAdjacentElement("afterend", list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.autocomplete = "off";

    let active = -1;
    let timer = 0;
    let request = new AbortController();

    const mark = (index) => {
      active = index;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
      const item = list.children[index];
      if (item) input.setAttribute("aria-activedescendant", item.id);
      else input.removeAttribute("aria-activedescendant");
    };
    const show = (movies) => {
      list.replaceChildren(...movies.map((movie, at) => option(movie, `${list.id}-${at}`)));
      list.hidden = movies.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(-1);
    };
    const close = () => { clearTimeout(timer); request.abort(); show([]); };
    const ask = async () => {
      request.abort();
      request = new AbortController();
      const url = `${input.dataset.suggest}?${new URLSearchParams({ q: input.value })}`;
      try {
        const answer = await fetch(url, { signal: request.signal });
        if (answer.ok) show((await answer.json()).movies);
      } catch { /* offline, or aborted by the next key press: the form still works */ }
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
    input.addEventListener("keydown", (event) => {
      const last = list.children.length - 1;
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
      if (list.hidden) return;
      if (event.key === "ArrowDown") { event.preventDefault(); mark(active < last ? active + 1 : -1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(active < 0 ? last : active - 1); }
      if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        location.assign(list.children[active].dataset.url);
      }
    });
    input.addEventListener("blur", close);
    // Not click: by then the field has lost its focus, and the list is gone.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[data-url]");
      if (item && event.button === 0) location.assign(item.dataset.url);
    });
    show([]);
  };

  document.querySelectorAll("[data-suggest]").forEach(attach);
})();
