import { make } from './dom.ts';

/** Opens a dialog over the page, with a button that closes it. It is removed when it is closed. */
export function openDialog(
  { id, name }: { readonly id: string; readonly name: string },
  content: readonly Node[],
  buttons: readonly HTMLButtonElement[] = [],
): HTMLDialogElement {
  const close = make('button', { type: 'submit' }, 'Close');
  const form = make('form', { method: 'dialog' }, ...buttons, close);
  const dialog = make('dialog', { id, 'aria-label': name }, ...content, form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
