/** Copies, and says so on the button for a moment. */
export async function copyWithThanks(target: HTMLButtonElement, text: string): Promise<void> {
  const words = target.textContent;
  await copyText(text);
  target.textContent = 'Copied';
  setTimeout(() => {
    target.textContent = words;
  }, 1500);
}

/** Works on plain HTTP too, where browsers have no `navigator.clipboard`. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
