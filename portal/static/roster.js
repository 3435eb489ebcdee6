// Dragging a name into another cell of the roster; without this, its link leads to a form.
(() => {
  const form = document.getElementById("drop");
  const table = document.querySelector(".roster");
  if (!form || !table) return;
  let dragged = null;
  const cellOf = (event) => event.target.closest("[data-cell]");
  const leave = () => table.querySelectorAll(".over").forEach((cell) => cell.classList.remove("over"));

  for (const chip of table.querySelectorAll("[data-duty]")) chip.draggable = true;
  table.addEventListener("dragstart", (event) => {
    const chip = event.target.closest("[data-duty]");
    if (!chip) return;
    dragged = chip;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", chip.dataset.duty);
  });
  table.addEventListener("dragover", (event) => {
    const cell = cellOf(event);
    if (!dragged || !cell) return;
    event.preventDefault();
    if (!cell.classList.contains("over")) {
      leave();
      cell.classList.add("over");
    }
  });
  table.addEventListener("dragend", () => {
    dragged = null;
    leave();
  });
  table.addEventListener("drop", (event) => {
    const cell = cellOf(event);
    if (!dragged || !cell) return;
    event.preventDefault();
    if (cell.contains(dragged)) return;
    form.elements.duty.value = dragged.dataset.duty;
    form.elements.cell.value = cell.dataset.cell;
    form.submit();
  });
})();
