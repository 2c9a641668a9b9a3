// Suggestions while typing: the WAI-ARIA combobox pattern upon a plain search box.
//   <div class="combobox" data-suggest="/nl/suggest" data-count-one="1 suggestion" data-count="%s suggestions"><input name="q" ...></div>
// The address answers {"suggestions": [{"text", "note"?, "language"?, "url"?}]}; one with a url is gone to, others are searched for.
(() => {
  "use strict";
  const PAUSE = 120;

  class Combobox {
    constructor(box) {
      this.box = box;
      this.input = box.querySelector("input");
      this.options = [];
      this.active = -1;
      this.list = document.createElement("ul");
      this.list.className = "suggestions";
      this.list.id = `${this.input.id}-suggestions`;
      this.list.hidden = true;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", box.dataset.label ?? this.input.labels[0]?.textContent.trim() ?? "");
      box.append(this.list);
      for (const [name, value] of Object.entries({
        role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, autocomplete: "off",
      })) this.input.setAttribute(name, value);
      this.input.addEventListener("input", () => this.later());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.choose(this.options.indexOf(option));
      });
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.fetch(), PAUSE);
    }

    async fetch() {
      const text = this.input.value.trim();
      this.request?.abort();
      if (text.length < 2) return this.close();
      this.request = new AbortController();
      const address = new URL(this.box.dataset.suggest, location.href);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address, { signal: this.request.signal, headers: { Accept: "application/json" } });
        if (answer.ok) this.show((await answer.json()).suggestions ?? []);
      } catch {
        this.close();
      }
    }

    show(suggestions) {
      this.active = -1;
      this.found = suggestions;
      this.options = suggestions.map((suggestion, index) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const words = document.createElement("span");
        words.textContent = suggestion.text;
        if (suggestion.language) words.lang = suggestion.language;
        option.append(words);
        if (suggestion.note) {
          const note = document.createElement("small");
          note.textContent = suggestion.note;
          option.append(note);
        }
        return option;
      });
      this.list.replaceChildren(...this.options);
      this.list.hidden = !this.options.length;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.input.removeAttribute("aria-activedescendant");
      const live = document.getElementById("live");
      const { countOne, count } = this.box.dataset;
      if (live && count && this.options.length) {
        live.textContent = this.options.length === 1 ? countOne : count.replace("%s", this.options.length);
      }
    }

    key(event) {
      const open = !this.list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) return this.fetch();
        const step = event.key === "ArrowDown" ? 1 : -1;
        const places = this.options.length + 1; // one more: back in the box
        this.mark(((this.active + 1 + step + places) % places) - 1);
      } else if (event.key === "Enter" && open && this.active >= 0) {
        event.preventDefault();
        this.choose(this.active);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        this.close();
      }
    }

    mark(index) {
      this.options[this.active]?.setAttribute("aria-selected", "false");
      this.active = index;
      const option = this.options[index];
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) this.input.setAttribute("aria-activedescendant", option.id);
      else this.input.removeAttribute("aria-activedescendant");
    }

    choose(index) {
      const suggestion = this.found[index];
      this.close();
      if (suggestion.url) location.assign(suggestion.url);
      else {
        this.input.value = suggestion.text;
        this.input.form.requestSubmit();
      }
    }

    close() {
      this.list.hidden = true;
      this.active = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  for (const box of document.querySelectorAll("[data-suggest]")) new Combobox(box);
})();
