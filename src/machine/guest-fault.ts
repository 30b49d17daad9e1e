/** The guest did what it may not; ends the run as a trap does. */
export class GuestFault extends Error {
  override readonly name = 'GuestFault';
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}
