"use strict";
(() => {
  const STEP = 100; // the cases that are shown at a time
  const THEMES = ["system", "light", "dark"];
  const ORDER = ["crash", "hang", "fail", "fixed", "warning", "divergence", "pass"];
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // The theme, before anything is drawn; a page in a file may have no storage.
  const remember = (theme) => {
    try { localStorage.setItem("theme", theme); } catch { /* it lasts as long as the page */ }
  };
  const recall = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const setTheme = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    if (byId("theme")) byId("theme").textContent = `Theme: ${theme}`;
  };
  let theme = THEMES.includes(recall()) ? recall() : "system";
  setTheme(theme);

  // Texts go into the page as text, never as markup.
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const withCode = (text) =>
    text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

  const start = () => {
    const data = JSON.parse(byId("data").textContent);
    const rows = [...document.querySelectorAll("tr.clause")];
    const chapters = [...document.querySelectorAll(".matrix tbody")];
    const cards = [...document.querySelectorAll(".card")];
    const unfold = byId("unfold");
    const ofClause = new Map();
    const clauseOf = new Map();
    for (const outcome of data.outcomes) {
      const [clause, , , , , , cases] = outcome;
      if (!ofClause.has(clause)) ofClause.set(clause, []);
      ofClause.get(clause).push(outcome);
      for (const name of cases) clauseOf.set(name, clause);
    }
    for (const outcomes of ofClause.values())
      outcomes.sort((a, b) => ORDER.indexOf(a[1]) - ORDER.indexOf(b[1]));

    // Chapters and clauses

    const setExpanded = (row, open) =>
      row.querySelector("button").setAttribute("aria-expanded", String(open));
    const setFolded = (chapter, folded) => {
      chapter.classList.toggle("folded", folded);
      setExpanded(chapter.rows[0], !folded);
    };
    const setOpen = (row, open) => {
      const next = row.nextElementSibling;
      const there = next && next.classList.contains("detail") ? next : null;
      row.classList.toggle("open", open);
      setExpanded(row, open);
      if (open && !there) row.after(detail(row));
      else if (there) there.hidden = !open;
    };
    const isOpen = (row) => row.querySelector("button").getAttribute("aria-expanded") === "true";

    const detail = (row) => {
      const clause = data.clauses[row.id];
      const source = clause.link
        ? make("a", { href: clause.link }, clause.source)
        : clause.source;
      const inner = make("div", { className: "inner" },
        make("p", { className: "requirement" }, ...withCode(clause.requirement)));
      if (clause.rationale)
        inner.append(make("p", { className: "meta" }, "Why: ", ...withCode(clause.rationale)));
      const facts = [clause.level, clause.severity, clause.basis, clause.profile,
        `since ${clause.since}`];
      if (clause.needs) facts.push(`needs ${clause.needs}`);
      inner.append(make("p", { className: "meta" }, `${facts.join(" · ")} · `, source));
      const outcomes = ofClause.get(row.id) || [];
      if (!outcomes.length) inner.append(make("p", { className: "meta" }, "No case ran."));
      for (const outcome of outcomes) inner.append(outcomeOf(outcome));
      const cell = make("td", { colSpan: row.cells.length }, inner);
      return make("tr", { className: "detail" }, cell);
    };

    const judging = (clause) => // the cells that ran a case of the clause
      [...new Set((ofClause.get(clause) || []).flatMap((outcome) => outcome[5]))];
    const cellNames = (cells, clause) => {
      const all = judging(clause);
      if (cells.length === all.length && cells.length > 1) return `all ${cells.length} cells`;
      const engines = [...new Set(cells.map((index) => data.engines[index]))];
      return engines.map((engine) => {
        const here = cells.filter((index) => data.engines[index] === engine);
        const whole = all.filter((index) => data.engines[index] === engine);
        return here.length === whole.length && here.length > 1
          ? `${engine} (all ${here.length} cells)`
          : here.map((index) => data.cells[index]).join(", ");
      }).join(", ");
    };

    const outcomeOf = ([clause, outcome, divergence, kind, message, cells, cases]) => {
      const part = make("div", { className: `outcome ${outcome}` });
      const number = cases.length === 1 ? "1 case" : `${cases.length} cases`;
      const head = make("p", { className: "head" },
        `${outcome}${kind ? ` (${kind})` : ""}: ${number}`);
      if (divergence) {
        const card = byId(`divergence-${divergence}`);
        head.append(", known as ", card
          ? make("a", { href: `#${card.id}` }, divergence) : divergence);
      }
      part.append(head, make("p", { className: "meta" }, cellNames(cells, clause)));
      if (message) part.append(make("p", {}, message));
      const list = make("ul", { className: "cases" });
      const more = make("button", { type: "button" });
      let shown = 0;
      const show = () => {
        const next = cases.slice(shown, shown + STEP);
        list.append(...next.map((name) => caseOf(name, cells)));
        shown += next.length;
        more.hidden = shown >= cases.length;
        more.textContent = `Show more of ${cases.length - shown}`;
      };
      more.addEventListener("click", () => {
        const last = list.lastElementChild;
        show();
        last.nextElementSibling.querySelector("a").focus();
      });
      part.showUntil = (name) => {
        const place = cases.indexOf(name);
        while (place >= shown) show();
        return place >= 0;
      };
      show();
      part.append(list, more);
      return part;
    };

    const caseOf = (name, cells) => {
      const item = make("li", {}, make("a", { href: `#case/${encodeURIComponent(name)}` }, name));
      item.dataset.case = name;
      const all = Object.hasOwn(data.evidence, name) ? data.evidence[name] : [];
      for (const [where, expected, seen, command] of all) {
        if (!where.some((index) => cells.includes(index))) continue;
        if (all.length > 1) item.append(make("p", { className: "meta" }, cellNames(where, clauseOf.get(name))));
        if (expected || seen)
          item.append(make("div", { className: "evidence" },
            make("div", {}, make("p", { className: "label" }, "expected"),
              make("pre", {}, expected)),
            make("div", {}, make("p", { className: "label" }, "seen"), make("pre", {}, seen))));
        if (command)
          item.append(make("p", { className: "label" }, "reproduce"), make("pre", {}, command));
      }
      return item;
    };

    for (const chapter of chapters) {
      chapter.rows[0].querySelector("button").addEventListener("click", () => {
        const folded = !chapter.classList.contains("folded");
        if (!active()) chapter.dataset.opened = folded ? "" : "yes";
        setFolded(chapter, folded);
      });
    }
    for (const row of rows)
      row.querySelector("button").addEventListener("click", () => setOpen(row, !isOpen(row)));
    unfold?.addEventListener("click", () => {
      const open = unfold.getAttribute("aria-pressed") !== "true";
      unfold.setAttribute("aria-pressed", String(open));
      for (const chapter of chapters) {
        chapter.dataset.opened = open ? "yes" : "";
        setFolded(chapter, !open);
      }
    });

    // Search and filters

    const filters = byId("filters");
    const fields = { verdict: byId("verdict"), severity: byId("severity"), chapter: byId("chapter") };
    const active = () =>
      byId("search").value.trim() !== "" || Object.values(fields).some((field) => field.value);
    const texts = new Map();
    const textOf = (element) => {
      if (!texts.has(element)) {
        const parts = [element.textContent];
        if (element.matches("tr.clause")) {
          const clause = data.clauses[element.id];
          parts.push(clause.requirement, clause.rationale, clause.source);
          for (const [, , divergence, kind, message, , cases] of ofClause.get(element.id) || [])
            parts.push(divergence, kind, message, ...cases);
        }
        texts.set(element, parts.join("\n").toLowerCase());
      }
      return texts.get(element);
    };
    const matches = (element, words) =>
      Object.entries(fields).every(([name, field]) =>
        !field.value || element.dataset[name].split(" ").includes(field.value)) &&
      words.every((word) => textOf(element).includes(word));
    const filter = () => {
      const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      const on = active();
      let found = 0;
      for (const chapter of chapters) {
        let some = 0;
        for (const row of chapter.querySelectorAll("tr.clause")) {
          const good = !on || matches(row, words);
          row.hidden = !good;
          if (!good && isOpen(row)) setOpen(row, false);
          some += good ? 1 : 0;
        }
        found += some;
        chapter.hidden = !some;
        setFolded(chapter, !(on ? some : chapter.dataset.opened));
      }
      let shown = 0;
      for (const card of cards) {
        card.hidden = on && !matches(card, words);
        shown += card.hidden ? 0 : 1;
      }
      for (const group of document.querySelectorAll(".group"))
        group.hidden = !group.querySelector(".card:not([hidden])");
      for (const empty of document.querySelectorAll(".empty")) {
        const section = empty.parentElement;
        empty.hidden = Boolean(
          section.querySelector(".card:not([hidden]), .matrix tbody:not([hidden])"));
      }
      byId("found").textContent = on ? `${found} clauses, ${shown} cards` : "";
    };
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("reset", () => setTimeout(filter));

    // Links to clauses and cases

    const aim = (element) => {
      for (const old of document.querySelectorAll(".aimed")) old.classList.remove("aimed");
      element.classList.add("aimed");
      element.tabIndex = -1;
      element.scrollIntoView({ block: "start" });
      element.focus({ preventScroll: true });
    };
    const reveal = (row) => {
      if (row.hidden || row.parentElement.hidden) {
        filters.reset();
        filter();
      }
      row.parentElement.dataset.opened = "yes";
      setFolded(row.parentElement, false);
      setOpen(row, true);
    };
    const follow = () => {
      let name;
      try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
      if (!name) return;
      if (name.startsWith("case/")) {
        const id = name.slice("case/".length);
        const row = byId(clauseOf.get(id) || "");
        if (!row) return;
        reveal(row);
        for (const part of row.nextElementSibling.querySelectorAll(".outcome")) part.showUntil(id);
        const items = [...row.nextElementSibling.querySelectorAll("li")];
        aim(items.find((item) => item.dataset.case === id));
        return;
      }
      const target = byId(name);
      if (!target) return;
      if (target.matches("tr.clause")) reveal(target);
      if (target.matches(".matrix tbody")) {
        target.dataset.opened = "yes";
        setFolded(target, false);
      }
      if (target.matches(".card") && target.hidden) {
        filters.reset();
        filter();
      }
      aim(target);
    };
    addEventListener("hashchange", follow);
    addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href^='#']");
      if (link && link.getAttribute("href") === location.hash) follow();
    });

    byId("theme").addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      remember(theme);
      setTheme(theme);
    });
    setTheme(theme);
    filter(); // a browser that goes back restores the fields
    follow();
    root.dataset.ready = "yes";
  };
  document.addEventListener("DOMContentLoaded", start);
})();
