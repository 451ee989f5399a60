// What can be trained on when nobody brings a text: the stories that come with the project.

import stories from '../../../../sample/stories.txt?url'

/** As much as a page reads in a moment. */
const CHARACTERS = 400_000

/** Blank lines separate stories; each line is a sentence. */
export async function sampleStories(): Promise<string> {
  const response = await fetch(stories)
  if (!response.ok)
    throw new Error(`the sample stories cannot be loaded (${response.status}): paste a text of your own`)
  return (await response.text()).slice(0, CHARACTERS)
}
