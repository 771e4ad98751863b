// The case list: filters, search, sorting, deep links, keys. pytest-html's script has drawn the rows by now; from here on
// this one alone changes them. Texts of models are only ever cloned from inert templates, never parsed from strings.
"use strict";
(() => {
  const FILTERS = ["status", "track", "risk", "department", "criterion"];
  const ORDER = ["never", "failed", "below", "error", "passed", "other"];
  const RISKS = ["high", "medium", "low"];
  const byId = (name) => document.getElementById(`csedb-${name}`);
  const table = document.getElementById("results-table");
  if (!table || !byId("q")) return;

  const rows = [...table.tBodies].map(describeRow).filter((row) => row.button);
  const rowOfCase = new Map(rows.filter((row) => row.id).map((row) => [row.id, row]));
  const rowOfBody = new Map(rows.map((row) => [row.body, row]));
  let openedForPrint = [];
  let writing = 0;

  function describeRow(body, place) {
    const id = body.querySelector("[data-case]")?.dataset.case;
    const template = id === undefined ? null : document.getElementById(`csedb-case-${id}`);
    const facets = template?.dataset ?? { status: "other" };
    const button = body.querySelector(".col-testId button");
    return { body, place, id, template, facets, button, details: body.querySelector(".extras-row"), isBuilt: !template };
  }

  // A row and its details

  const isOpen = (row) => row.button.getAttribute("aria-expanded") === "true";
  const isShown = (row) => !row.body.hidden;

  function setOpen(row, open) {
    if (open && !row.isBuilt) build(row);
    row.details.classList.toggle("hidden", !open);
    row.button.setAttribute("aria-expanded", String(open));
  }

  function build(row) {
    row.isBuilt = true;
    row.details.querySelectorAll(".media, .logwrapper").forEach((part) => part.remove());
    row.details.cells[0].append(row.template.content.cloneNode(true));
  }

  function openCase(id) {
    const row = rowOfCase.get(id);
    if (!row) return say(`There is no case ${id} in this report.`);
    if (!isShown(row)) clearFilters();
    setOpen(row, true);
    row.body.scrollIntoView({ block: "start" });
    row.button.focus({ preventScroll: true });
  }

  // What is shown

  const field = (name) => byId(name);
  const wantedWords = () => field("q").value.toLowerCase().split(/\s+/).filter(Boolean);

  function textOf(row) {
    row.text ??= `${row.body.textContent} ${row.template?.content.textContent ?? ""}`.toLowerCase();
    return row.text;
  }

  function matches(row, wanted, words) {
    return (
      FILTERS.every((name) => !wanted[name] || hasValue(row, name, wanted[name])) &&
      words.every((word) => textOf(row).includes(word))
    );
  }

  function hasValue(row, name, value) {
    const status = row.facets.status;
    if (name === "status" && value === "open") return status !== "passed" && status !== "other";
    return row.facets[name] === value;
  }

  function showMatching() {
    const wanted = Object.fromEntries(FILTERS.map((name) => [name, field(name).value]));
    const words = wantedWords();
    for (const row of rows) row.body.hidden = !matches(row, wanted, words);
    const shown = rows.filter((row) => isShown(row) && row.id).length;
    const others = rows.filter((row) => isShown(row) && !row.id).length;
    const text = shown === rowOfCase.size ? `${shown} cases` : `${shown} of ${rowOfCase.size} cases shown`;
    say(others ? `${text}, ${others} other tests` : text);
  }

  function say(text) {
    byId("count").textContent = text;
  }

  function clearFilters() {
    for (const name of ["q", ...FILTERS]) field(name).value = "";
    showMatching();
  }

  // The address holds what is shown

  function readAddress() {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) return revealPlace(hash);
    const state = new URLSearchParams(hash);
    for (const name of ["q", ...FILTERS]) field(name).value = state.get(name) ?? "";
    showMatching();
    if (state.get("case")) openCase(state.get("case"));
    else if (hash) goTo(byId("cases"));
  }

  function revealPlace(id) {
    const place = document.getElementById(id);
    if (rowOfCase.has(id)) openCase(id);
    else if (place) goTo(place);
    if (["q", ...FILTERS].some((name) => field(name).value)) writeAddress();
  }

  function goTo(place) {
    place.scrollIntoView({ block: "start" });
    place.focus({ preventScroll: true });
  }

  // A link to where the address already is changes no address, and yet should lead there.
  function followAgain(event) {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) readAddress();
  }

  function writeAddress(id) {
    const state = new URLSearchParams();
    for (const name of ["q", ...FILTERS]) if (field(name).value) state.set(name, field(name).value);
    if (id) state.set("case", id);
    history.replaceState(null, "", `${location.pathname}${location.search}#${state}`);
  }

  function changeFilters() {
    showMatching();
    writeAddress();
  }

  // Sorting

  const SORTERS = {
    status: (row) => ORDER.indexOf(row.facets.status),
    risk: (row) => RISKS.indexOf(row.facets.risk),
    score: (row) => Number.parseFloat(cellText(row, "score")),
    duration: (row) => Number.parseFloat(cellText(row, "duration")),
  };
  const cellText = (row, name) => row.body.querySelector(`.col-${name}`)?.textContent ?? "";

  function sortBy(header) {
    const name = header.dataset.columnType;
    const down = header.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = SORTERS[name] ?? ((row) => cellText(row, name));
    const keyed = rows.map((row) => [key(row), row]).sort(([a, x], [b, y]) => compare(a, b, down) || x.place - y.place);
    table.append(...keyed.map(([, row]) => row.body));
    rows.splice(0, rows.length, ...keyed.map(([, row]) => row));
  }

  function compare(a, b, down) {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
  }

  // Keys

  const KEYS = {
    "/": () => field("q").focus(),
    j: () => step(1),
    k: () => step(-1),
    n: () => step(1, (row) => row.facets.status === "never"),
    "?": () => byId("help").toggleAttribute("open"),
  };

  function step(direction, isWanted = () => true) {
    const shown = rows.filter((row) => isShown(row));
    const here = shown.findIndex((row) => row.body.contains(document.activeElement));
    for (let at = here + direction; at >= 0 && at < shown.length; at += direction) {
      if (isWanted(shown[at])) return focusRow(shown[at]);
    }
    if (here < 0 && direction < 0 && shown.length) focusRow(shown[shown.length - 1]);
  }

  function focusRow(row) {
    row.button.focus();
    row.body.scrollIntoView({ block: "nearest" });
  }

  function onKey(event) {
    if (event.key === "Escape" && !event.target.closest("select")) return escapeKey();
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !byId("keys").checked) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  function escapeKey() {
    if (field("q").value) field("q").value = "";
    else for (const name of FILTERS) field(name).value = "";
    changeFilters();
  }

  // The heat map is one stop for the Tab key; arrows move inside it

  const heat = document.querySelector(".csedb-heat");

  function moveInHeat(event) {
    const cell = event.target.closest("td");
    const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (!cell || down === undefined) return;
    event.preventDefault();
    let line = cell.parentElement.rowIndex + down;
    let column = cell.cellIndex + right;
    for (; heat.rows[line]?.cells[column]; line += down, column += right) {
      const link = heat.rows[line].cells[column].querySelector("a");
      if (link) return focusCell(link);
    }
  }

  function focusCell(link) {
    heat.querySelector('a[tabindex="0"]')?.setAttribute("tabindex", "-1");
    link.setAttribute("tabindex", "0");
    link.focus();
  }

  // Print: whatever did not pass is printed whole

  function openForPrint() {
    const wanted = rows.filter((row) => isShown(row) && row.id && row.facets.status !== "passed" && !isOpen(row));
    wanted.forEach((row) => setOpen(row, true));
    const folded = [...document.querySelectorAll(".csedb-never-list details, .csedb-change:not([data-kind=fixed])")];
    const closed = folded.filter((part) => !part.open);
    closed.forEach((part) => (part.open = true));
    openedForPrint = [() => wanted.forEach((row) => setOpen(row, false)), () => closed.forEach((part) => (part.open = false))];
  }

  function closeAfterPrint() {
    openedForPrint.forEach((undo) => undo());
    openedForPrint = [];
  }

  // pytest-html listens on cells and heads, and draws every row anew when one is clicked: it must not hear of it.

  function onTableClick(event) {
    const header = event.target.closest("#results-table th.sortable");
    const line = event.target.closest("#results-table tr.collapsible");
    if (!header && !line) return;
    if (event.target.closest("a")) return;
    event.stopPropagation();
    if (header) return sortBy(header);
    const row = rowOfBody.get(line.parentElement);
    const selecting = !event.target.closest("button") && String(getSelection());
    if (row && !selecting) toggle(row);
  }

  function toggle(row) {
    const open = !isOpen(row);
    setOpen(row, open);
    writeAddress(open ? row.id : "");
  }

  function start() {
    document.body.classList.toggle("csedb-only-cases", rows.every((row) => row.id));
    document.addEventListener("click", onTableClick, true);
    document.addEventListener("click", followAgain);
    document.addEventListener("keydown", onKey);
    heat?.addEventListener("keydown", moveInHeat);
    heat?.querySelector("td a")?.setAttribute("tabindex", "0");
    for (const name of FILTERS) field(name).addEventListener("change", changeFilters);
    field("q").addEventListener("input", () => {
      clearTimeout(writing);
      writing = setTimeout(changeFilters, 120);
    });
    byId("clear").addEventListener("click", () => { clearFilters(); writeAddress(); });
    byId("open").addEventListener("click", () => rows.filter(isShown).forEach((row) => setOpen(row, true)));
    byId("close").addEventListener("click", () => rows.forEach((row) => setOpen(row, false)));
    addEventListener("hashchange", readAddress);
    addEventListener("beforeprint", openForPrint);
    addEventListener("afterprint", closeAfterPrint);
    readAddress();
  }

  start();
})();
