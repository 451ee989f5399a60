// A few labelled sentences to fine-tune on when nobody brings any.

/** Sentences by what they are about, in the form that fine-tuning reads. */
export const LABELLED = `text,label
The soup was salty but the bread was still warm.,food
She fried the onions until they were golden.,food
We shared a plate of noodles and a bowl of rice.,food
He always puts too much sugar in his tea.,food
The baker sells apple cake on Saturdays.,food
My aunt cooks beans with garlic and lemon.,food
They had eggs and toast for breakfast.,food
The cheese was old and smelled strong.,food
Add the flour slowly and stir the dough.,food
The children ate all the cherries from the tree.,food
For dinner there was fish with potatoes.,food
A cup of coffee and a biscuit were enough for her.,food
The rain stopped just before noon.,weather
A cold wind blew from the north all day.,weather
There was fog over the fields this morning.,weather
It snowed for three days without a pause.,weather
The sun came out and the puddles dried.,weather
Thunder rolled behind the hills at night.,weather
The sky is grey and it will rain soon.,weather
Last summer was the hottest for many years.,weather
Frost covered the windows in the morning.,weather
A storm broke branches from the old oak.,weather
The clouds moved fast and hid the moon.,weather
It was so warm that nobody wore a coat.,weather
The train to the coast leaves at nine.,travel
We missed the bus and walked to the station.,travel
Her suitcase was lost at the airport.,travel
They drove through the mountains in two days.,travel
The ferry takes an hour to the island.,travel
He bought a ticket for the night train.,travel
Our hotel was close to the old harbour.,travel
The plane landed late because of the traffic.,travel
You need a passport to cross the border.,travel
She rented a bicycle and rode along the river.,travel
The road to the village is long and narrow.,travel
We changed trains twice on the way home.,travel
`
