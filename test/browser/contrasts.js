// How well each text of a page can be read before what is behind it, as WCAG 2 counts it: [{ text, ratio }, …]. Runs in the page.
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgbOf = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [red, green, blue] = rgbOf(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (rgbOf(backgroundColor)[3] > 0) {
        return backgroundColor;
      }
    }
    return "white";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text !== "" && element.checkVisibility()) {
      const colors = [getComputedStyle(element).color, behind(element)];
      const [dark, light] = colors.map(luminance).sort((a, b) => a - b);
      found.push({ text, ratio: (light + 0.05) / (dark + 0.05) });
    }
  }
  return found;
})();
