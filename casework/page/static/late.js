"use strict";

// Loads the scripts a page can be read without, in their order, once it is painted. What was typed meanwhile is told.

const late = document.currentScript.dataset.then.split(" ");

function load() {
  const scripts = late.map((address) => Object.assign(document.createElement("script"), { src: address, async: false }));
  scripts.at(-1).addEventListener("load", () => setTimeout(tell, 50));
  document.head.append(...scripts);
}

function tell() {
  const typed = document.activeElement;
  if (typed instanceof HTMLInputElement && typed.value !== typed.defaultValue) {
    typed.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

requestAnimationFrame(() => setTimeout(load));
