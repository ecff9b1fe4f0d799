// What every console page has: keys, chips, and times: relative ones that stay true, and the reader's own.

import "./chips.js";
import { showHere } from "./here.js";

const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
  if (event.target.closest("dialog")) return;
  const isOnControl = event.target.closest("a, button, summary") !== null;
  if (event.key === " " && isOnControl) return;
  if (event.key === "?") document.getElementById("keys").showModal();
  else if (event.key === "/") focusSearch(event);
  else if (event.key === "j") moveRow(1);
  else if (event.key === "k") moveRow(-1);
  else if (event.key === "o" || (event.key === "Enter" && !isOnControl)) openRow();
  else if (event.key === "Escape") document.activeElement?.blur();
  else {
    const key = new CustomEvent("dp-key", { detail: event.key, cancelable: true });
    if (!document.dispatchEvent(key)) event.preventDefault();
  }
});

function focusSearch(event) {
  const search = document.querySelector("[data-search]");
  event.preventDefault();
  if (search) search.focus();
  else window.location.assign("/console/orders");
}

function currentRow() {
  return document.activeElement?.closest("tr[data-id]") ?? null;
}

function moveRow(step) {
  const current = currentRow();
  const rows = [...document.querySelectorAll("tbody tr[data-id]")];
  const next = current ? rows[rows.indexOf(current) + step] : rows[0];
  next?.focus();
}

function openRow() {
  const row = currentRow();
  (row?.querySelector("a[data-open]") ?? row?.querySelector("a"))?.click();
}

function ago(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min ago` : `${Math.floor(hours / 24)} d ${hours % 24} h ago`;
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = ago(Date.now() - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

refreshTimes();
setInterval(refreshTimes, 1000);
showHere();
setInterval(showHere, 15_000);
