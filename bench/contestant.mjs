// A contestant is a process of its own that makes one thing ready and then does it as often as it is asked to. It speaks
// JSON, a line at a time: `{"prepare": job}` is answered with `{"answer": …}`, and `{"run": true}` with `{"seconds": x}`.
// All of them are measured so, bertkin too.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A contestant that is not there, with the reason. */
export class Missing extends Error {}

/** A contestant that is started anew for every run: what is timed goes from its process's start to its first answer. */
export class StartedContestant {
  #start
  #job

  constructor(name, command, environment) {
    this.name = name
    this.#start = () => new Contestant(name, command, environment)
  }

  async prepare(job) {
    this.#job = job
    return (await this.#answer()).answer
  }

  async run() {
    return (await this.#answer()).seconds
  }

  stop() {}

  async #answer() {
    const started = performance.now()
    const contestant = this.#start()
    try {
      const answer = await contestant.prepare(this.#job)
      return { answer, seconds: (performance.now() - started) / 1000 }
    } finally {
      contestant.stop()
    }
  }
}

export class Contestant {
  #lines
  #child
  #errors = ''

  /** @param {string} name @param {readonly string[]} command @param {Record<string, string>} environment */
  constructor(name, [program, ...args], environment) {
    this.name = name
    this.#child = spawn(program, args, { env: { ...process.env, ...environment } })
    this.#child.on('error', (error) => {
      this.#errors += error.message
    })
    this.#child.stdin.on('error', () => {}) // it has gone; its last words say why
    this.#child.stderr.on('data', (data) => {
      this.#errors = `${this.#errors}${data}`.slice(-4000)
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Makes it ready; what it answers is compared before anything is timed. */
  async prepare(job) {
    return (await this.#ask({ prepare: job })).answer
  }

  /** Seconds of one run. */
  async run() {
    return (await this.#ask({ run: true })).seconds
  }

  stop() {
    this.#child.stdin.end()
    this.#child.kill()
  }

  async #ask(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`)
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Missing(this.#lastWords())
      if (value.startsWith('{"missing":')) throw new Missing(JSON.parse(value).missing)
      if (value.startsWith('{')) return JSON.parse(value)
    }
  }

  #lastWords() {
    const lines = this.#errors.trim().split('\n')
    return (lines.findLast((line) => line.includes('Error')) ?? lines.at(-1)) || 'it ended without a word'
  }
}
