namespace RwkvSk.Trainer.Data;

/// <summary>How one can ask about a picture. Every fifth entry is held out: keep the order, add at the end.</summary>
internal static class PictureWordings
{
    public static readonly Wording Describe = new(
        [
            "Describe the {pic}.", "What is in the {pic}?", "What do you see?", "What can you see{in}?", "Describe what you see.",
            "What does the {pic} show?", "Describe this {pic}.", "What is shown{in}?", "Tell me about the {pic}.", "Give a description of the {pic}.",
            "Please describe the {pic}.", "What do you see{in}?", "What is on the {pic}?", "Can you describe the {pic}?", "Say what is in the {pic}.",
            "What objects are{in}?", "Which objects are there{in}?", "List the objects{in}.", "List everything{in}.", "What is there to see{in}?",
            "Look at the {pic} and describe it.", "Describe the {pic} for me.", "What objects do you see{in}?", "Could you describe this {pic}?", "Describe everything{in}.",
            "What's in the {pic}?", "What's in this {pic}?", "Which objects can you see{in}?", "Describe it.", "What is this?",
            "Describe all objects{in}.", "What things are{in}?", "Explain what is in the {pic}.", "Caption the {pic}.", "What is this {pic} of?",
            "Write a caption for the {pic}.", "What is drawn{in}?", "Name all objects{in}.", "Show me what you see.", "What are the objects{in}?",
            "Say what you see.", "What do you see here?", "Put the {pic} into words.", "Tell me everything you see.", "Say what the {pic} shows.",
            "What is there{in}?", "What all is{in}?", "Please tell me what is{in}.", "Describe, please.", "Name everything you see.",
            "What can be seen{in}?", "What have we here?", "Tell me about this {pic}, please.", "List all the things{in}.", "I want a description of the {pic}.",
            "Which things do you see?", "What does this {pic} have in it?", "Give me a caption for this {pic}.", "Describe what is shown.", "Tell me what is drawn{in}.",
            "Describe the whole {pic}.", "What is to be seen{in}?", "Say it in words: what is in the {pic}?", "Give a list of all objects{in}.", "Which shapes are{in}?",
            "What shapes do you see?", "Description of the {pic}?", "The {pic}: what is in it?", "Please say what you see.", "What did somebody draw{in}?",
        ],
        [
            "what you see", "what is in the {pic}", "what you see{in}", "what the {pic} shows", "what there is on the {pic}", "what can be seen{in}",
            "a description of the {pic}", "what objects are in the {pic}", "which objects you see", "what there is in the {pic}",
            "everything you see", "what is shown{in}", "what is drawn{in}", "which things there are{in}", "all that is to see{in}",
        ],
        "Tell me all about the {pic}.", "Please give a description.", "A description, please.", "What have you got{in}?", "What might this be?",
        "Which objects have been drawn{in}?", "What did they draw{in}?", "Who or what is in the {pic}?", "What is it a {pic} of?", "Say all that you see.",
        "Name the objects{in}.", "Name what you see.", "List what you see.", "List all objects.", "Please list everything{in}.",
        "Show me what is in the {pic}.", "Read the {pic} to me.", "I cannot see the {pic}. What is in it?", "What would you say is in the {pic}?", "What does one see{in}?",
        "Which things are in this {pic}?", "Which things are drawn{in}?", "What are these?", "What are the things{in}?", "What kinds of objects are{in}?",
        "Do describe the {pic}.", "Describe the objects{in}.", "Describe every object.", "Describe the scene.", "Describe the drawing.",
        "Give me all objects{in}.", "Give me everything{in}.", "I want to know everything{in}.", "So what is in the {pic}?", "And what is in the {pic}?",
        "What was drawn{in}?", "What was painted{in}?", "What can one see{in}?", "What could you see{in}?", "What are you looking at?");

    public static readonly Wording Count = new(
        [
            "How many {kinds} are there{in}?", "How many {kinds} do you see{in}?", "How many {kinds} can you see{in}?", "Count the {kinds}{in}.", "How many {kinds} are{in}?",
            "How many {kinds} does the {pic} show?", "How many {kinds} are in the {pic}?", "What is the number of {kinds}{in}?", "How many {kinds}?", "How many {kinds} does it have?",
            "How many {kinds} does the {pic} have?", "Please count the {kinds}.", "How many {kinds} can be seen{in}?", "Can you count the {kinds}{in}?", "How many {kinds} have you found{in}?",
            "In the {pic}, how many {kinds} are there?", "How many {kinds} can you find{in}?", "How many {kinds} are shown{in}?", "How many {kinds} are on the {pic}?", "Number of {kinds}?",
            "How many {kinds} are visible{in}?", "How many {kinds} can you count{in}?", "How many {kinds} did you see{in}?", "How many of the objects are {kinds}?", "Count all {kinds}{in}.",
            "Are there many {kinds}{in}, and how many?", "{kinds}: how many?", "How many {kinds} are drawn{in}?", "How many {kinds} is it?", "How many {kinds} appear{in}?",
            "Tell me how many {kinds} there are.", "How many {kinds} has the {pic}?", "What number of {kinds} do you see?", "Count every one of the {kinds}.", "How many {kinds} are there in total?",
            "{kinds} in the {pic}: how many?", "Give the number of {kinds}.", "Can you tell how many {kinds} there are{in}?", "How many are the {kinds}{in}?", "Say the number of {kinds}{in}.",
            "The number of {kinds}{in}?", "How many {kinds} altogether?", "Please count all of the {kinds}{in}.", "How many {kinds} would you count{in}?", "So many {kinds}, but how many?",
            "There are how many {kinds}{in}?", "You see how many {kinds}?", "How many {kinds} in total?", "Number of {kinds} in the {pic}, please.", "I count {kinds}, how many do you count?",
            "Do the counting: {kinds}.", "Count of {kinds}?", "How many {kinds} did they draw{in}?", "In total, how many {kinds} are{in}?", "What is the count of {kinds}{in}?",
            "How many of them are {kinds}?", "Out of all objects, how many are {kinds}?", "How many {kinds} exist{in}?", "Exactly how many {kinds} are there?", "What amount of {kinds} is there?",
        ],
        [
            "how many {kinds} there are", "how many {kinds} you see", "the number of {kinds}", "how many {kinds} are in the {pic}", "how many {kinds} you can see{in}",
            "how many {kinds} there are{in}", "the count of {kinds}{in}", "how many {kinds} the {pic} has", "how many {kinds} you count", "how many {kinds} show up{in}",
            "how many {kinds} are shown", "how many {kinds} can be seen{in}", "how many of the objects are {kinds}", "how many {kinds} are drawn{in}", "how many {kinds} you find{in}",
        ],
        "How many {kinds} do you count?", "How many {kinds} do you find?", "How many {kinds} do we have{in}?", "How many {kinds} are there now?", "How many {kinds} do we see?",
        "How many {kinds} may there be?", "How many {kinds} were drawn?", "How many {kinds} were painted{in}?", "How many {kinds} does one see{in}?", "How many {kinds} are here?",
        "{kinds}, how many?", "{kinds}, how many are there{in}?", "The {kinds}: how many are there?", "Of the {kinds}, how many are there?", "There are {kinds}. How many?",
        "Look at the {kinds}. How many are there?", "Look for {kinds}: how many?", "Find all {kinds}: how many are there?", "Count {kinds}.", "Count them: {kinds}.",
        "Count up the {kinds}.", "Count the {kinds} for me.", "Can you count all {kinds}?", "Could you count the {kinds}{in}?", "I want the number of {kinds}.",
        "What is the total of {kinds}?", "Total number of {kinds}?", "Amount of {kinds}?", "How large is the number of {kinds}?", "Name the number of {kinds}.");

    public static readonly Wording Colour = new(
        [
            "What {color} is {ref}?", "Which {color} is {ref}?", "What is the {color} of {ref}?", "What {color} does {ref} have?", "Which {color} does {ref} have?",
            "What {color} is {ref}{in}?", "{ref} is what {color}?", "What's the {color} of {ref}?", "In what {color} is {ref}?", "Of what {color} is {ref}?",
            "What is {ref}'s {color}?", "Name the {color} of {ref}.", "Tell me the {color} of {ref}.", "What {color} do you see on {ref}?", "{color} of {ref}?",
            "Which {color} has {ref}?", "{ref} has which {color}?", "In which {color} is {ref} drawn?", "What {color} has {ref}?", "How is {ref} {colored}?",
            "What {color} would you say {ref} is?", "What is the {color} of {ref}{in}?", "What {color} is used for {ref}?", "What {color} was used for {ref}?", "With what {color} is {ref} filled?",
            "{ref}: what {color}?", "{ref}, which {color}?", "{color} for {ref}?", "Give the {color} of {ref}.", "What about {ref}'s {color}?",
            "{ref} has what {color}?", "What {color} did they paint {ref}?", "What would you call the {color} of {ref}?", "Say the {color} of {ref}.", "What {color} can you see on {ref}?",
            "What is the {color} that {ref} has?", "Do you see the {color} of {ref}?", "Find the {color} of {ref}.", "Is {ref} red, green or what {color}?", "{ref} is of which {color}?",
            "{color} of {ref}, please.", "Look at {ref}: what {color} is it?", "Look at {ref}. What is its {color}?", "There is {ref}. Which {color} is it?", "See {ref}? What {color} has it?",
            "What is its {color}, I mean {ref}?", "Which {color} would you give {ref}?", "What {color} is {ref} painted in?", "Which is the {color} of {ref}?", "Please name the {color} of {ref}.",
            "What {color} do you see in {ref}?", "I see {ref}, but what {color} is it?", "Describe the {color} of {ref}.", "What {color} might {ref} be?", "In the {pic}, what {color} is {ref}?",
        ],
        [
            "what {color} {ref} is", "the {color} of {ref}", "which {color} {ref} has", "which {color} {ref} is", "in what {color} {ref} is drawn",
            "what {color} {ref} has", "what the {color} of {ref} is", "of what {color} {ref} is", "the {color} of {ref}{in}", "what {color} you see on {ref}",
            "the {color} that {ref} has", "which {color} you see on {ref}", "what {color} {ref} is painted in", "which the {color} of {ref} is", "the {color} you see on {ref}",
        ],
        "How would you name the {color} of {ref}?", "How is {ref} drawn, in what {color}?", "{ref}: {color}?", "{ref}, {color}?",
        "What {color} do we see on {ref}?", "What {color} has been given to {ref}?", "What {color} should I call {ref}?", "What {color} did somebody give {ref}?", "What {color} fills {ref}?",
        "Which {color} fills {ref}?", "Which {color} was {ref} painted?", "Which {color} do you see on {ref}?", "Which {color} can you see on {ref}?", "Which {color} shows {ref}?",
        "Check the {color} of {ref}.", "See the {color} of {ref}?", "Is it red or blue or what {color}: {ref}?", "Is {ref} yellow or what?", "Does {ref} have a {color}, and which?",
        "Has {ref} a {color}, and which one?", "The {color} of {ref}?", "The {color} of {ref}, please.", "I want the {color} of {ref}.", "I need the {color} of {ref}.",
        "About {ref}: what {color} is it?", "For {ref}, what is the {color}?", "On {ref}, what {color} do you see?", "There is {ref}. What {color} does it have?", "You see {ref}. What is its {color}?");

    public static readonly Wording Shape = new(
        [
            "What shape is {ref}?", "Which shape is {ref}?", "What is the shape of {ref}?", "What shape does {ref} have?", "What kind of shape is {ref}?",
            "Which shape does {ref} have?", "What is {ref}?", "{ref} is what shape?", "What's the shape of {ref}?", "What form does {ref} have?",
            "Name the shape of {ref}.", "Tell me the shape of {ref}.", "What is {ref} called?", "What shape is {ref}{in}?", "Of what shape is {ref}?",
            "What kind of object is {ref}?", "Shape of {ref}?", "What sort of shape is {ref}?", "Which shape has {ref}?", "What shape has {ref}?",
            "What type of shape is {ref}?", "Is {ref} a circle, a square or what?", "What is the form of {ref}?", "What does {ref} look like?", "What shape do you see in {ref}?",
            "{ref}: what shape?", "{ref}, which shape?", "Give the shape of {ref}.", "The shape of {ref}?", "Say the shape of {ref}.",
            "Look at {ref}: what shape is it?", "Look at {ref}. What is its shape?", "See {ref}? Which shape has it?", "What would you call {ref}?", "{ref} has what shape?",
            "Is {ref} a star or a cross or what?", "Find the shape of {ref}.", "Shape of {ref}, please.", "What is {ref} exactly?", "{ref} is which shape?",
            "What is the shape that {ref} has?", "Which kind of shape is {ref}?", "In the {pic}, what shape is {ref}?", "Please name the shape of {ref}.", "What shape would you say {ref} is?",
            "What shape did they give {ref}?", "Describe the shape of {ref}.", "What thing is {ref}?", "Which form has {ref}?", "In what shape is {ref} drawn?",
        ],
        [
            "what shape {ref} is", "the shape of {ref}", "which shape {ref} has", "what shape {ref} has", "which shape {ref} is",
            "what {ref} is", "what kind of shape {ref} is", "what the shape of {ref} is", "the form of {ref}", "of what shape {ref} is",
            "the shape that {ref} has", "which kind of shape {ref} is", "what form {ref} has", "which shape you see in {ref}", "what sort of thing {ref} is",
        ]);

    public static readonly Wording Where = new(
        [
            "Where is {ref}?", "Where is {ref}{in}?", "Where can I find {ref}?", "Where do you see {ref}?", "In which place is {ref}?",
            "Where can you see {ref}?", "What is the position of {ref}?", "In what part of the {pic} is {ref}?", "Where's {ref}?", "At which position is {ref}?",
            "Where in the {pic} is {ref}?", "What is the place of {ref}?", "In which part of the {pic} is {ref}?", "Where is {ref} located?", "Where does {ref} appear?",
            "Where on the {pic} is {ref}?", "{ref} is where?", "Locate {ref}.", "Find {ref}.", "In which corner or place is {ref}?",
            "Position of {ref}?", "Show me where {ref} is.", "Where did you see {ref}?", "What is the location of {ref}?", "Which place is {ref} in?",
            "Which position does {ref} have?", "Where would I find {ref}?", "Where is {ref} placed?", "Where is {ref} drawn?", "Where has {ref} been put?",
            "{ref}: where?", "{ref}, where is it?", "Give the position of {ref}.", "The place of {ref}?", "Say where {ref} is.",
            "Tell me where {ref} is.", "Look for {ref}: where is it?", "In which area is {ref}?", "In which cell is {ref}?", "At which place is {ref}?",
            "On which side is {ref}?", "In which corner is {ref}?", "Is {ref} at the top, at the bottom or where?", "Is {ref} left, right or where?", "Whereabouts is {ref}?",
            "In what place is {ref}?", "In what corner is {ref}?", "At what position is {ref}?", "Please locate {ref}.", "Where should I look for {ref}?",
            "Where do I see {ref}?", "Where do I find {ref}{in}?", "You see {ref} where?", "Place of {ref}, please.", "Which spot is {ref} in?",
            "Where did they put {ref}?", "What place does {ref} have?", "Which part of the {pic} has {ref}?", "See {ref}? Where is it?", "Which area of the {pic} holds {ref}?",
            "Location of {ref}?", "Point to {ref}.", "Where must I look to see {ref}?", "I am looking for {ref}. Where is it?", "In which spot can one see {ref}?",
            "In which {region} is {ref}?", "Which {region} is {ref} drawn in?", "In which {region} do you see {ref}?", "What {region} is {ref} in?", "{ref} is in which {region}?",
            "Which {region} of the {pic} shows {ref}?", "In what {region} do I find {ref}?", "Which {region} has {ref} in it?", "In which {region} can I see {ref}?", "In which {region} did they draw {ref}?",
        ],
        [
            "where {ref} is", "where you see {ref}", "the position of {ref}", "in which part of the {pic} {ref} is", "where {ref} can be found",
            "where to find {ref}", "where in the {pic} {ref} is", "the place of {ref}", "where I can find {ref}", "the location of {ref}",
            "in which corner {ref} is", "on which side {ref} is", "which place {ref} has", "at which position {ref} is", "which part of the {pic} {ref} is in",
        ]);

    public static readonly Wording Exists = new(
        [
            "Is there {a}{in}?", "Is there {a}?", "Do you see {a}{in}?", "Can you see {a}{in}?", "Does the {pic} show {a}?",
            "Is {a}{in}?", "Does the {pic} have {a}?", "Can you find {a}{in}?", "Do you see {a}?", "Is {a} to be seen{in}?",
            "Is {a} in the {pic}?", "Does the {pic} contain {a}?", "Can {a} be seen{in}?", "Has the {pic} {a}?", "Is there {a} somewhere{in}?",
            "Have you seen {a}{in}?", "Does it have {a}?", "Is {a} shown{in}?", "Are you able to see {a}{in}?", "Is {a} there?",
            "There is {a}, right?", "Do you find {a}{in}?", "Did you see {a}{in}?", "Can I see {a}{in}?", "Is {a} visible{in}?",
            "{a}, is it there?", "Is {a} here?", "Is there {a} or not?", "Do we have {a}{in}?", "Could there be {a}{in}?",
            "{a}?", "{a}, yes or no?", "Look for {a}: is it there?", "Was {a} drawn{in}?", "Is there {a} anywhere{in}?",
            "In the {pic}, is there {a}?", "Does one see {a}{in}?", "Does this have {a}?", "Can one find {a}{in}?", "Do you notice {a}{in}?",
            "Tell me, is there {a}?", "Is it true that there is {a}?", "Did they draw {a}{in}?", "Would you find {a}{in}?", "Is {a} part of the {pic}?",
            "Does {a} appear{in}?", "Does the {pic} hold {a}?", "Among the objects, is there {a}?", "Yes or no: is there {a}?", "There is {a}, or is there not?",
        ],
        [
            "if there is {a}", "whether there is {a}{in}", "if you see {a}", "if there is {a}{in}", "whether you can see {a}",
            "whether there is {a}", "if the {pic} has {a}", "if you can see {a}{in}", "whether the {pic} shows {a}", "if {a} is in the {pic}",
            "if {a} is there", "whether {a} can be seen{in}", "if you find {a}{in}", "whether the {pic} has {a}", "if it shows {a}",
        ],
        "Is {a} among the objects?", "Is there {a} to be found{in}?", "Is there {a} among them?", "Is there perhaps {a}{in}?", "Is there also {a}{in}?",
        "Can you spot {a}{in}?", "Can you make out {a}{in}?", "Could you see {a}{in}?", "Could I find {a}{in}?", "Do they show {a}{in}?",
        "Do you happen to see {a}?", "Does it show {a}?", "Does it contain {a}?", "Was there {a}{in}?", "Has somebody drawn {a}{in}?",
        "Have they drawn {a}{in}?", "Check if there is {a}.", "Check for {a}.", "See if there is {a}.", "I am looking for {a}. Is it there?",
        "I see {a}, do you?", "I see {a}. Am I right?", "I think there is {a}. Right?", "So there is {a}?", "And {a}?",
        "{a} in the {pic}?", "{a}: is it there?", "True or not: there is {a}?", "Say yes if there is {a}.", "Would you say there is {a}{in}?");

    public static readonly Wording ExistsMany = new(
        [
            "Are there any {kinds}{in}?", "Do you see any {kinds}{in}?", "Are there {kinds}{in}?", "Can you see any {kinds}{in}?", "Does the {pic} have any {kinds}?",
            "Are any {kinds}{in}?", "Does the {pic} show any {kinds}?", "Do you see {kinds}?", "Are there any {kinds}?", "Can you find any {kinds}?",
            "Any {kinds}?", "Any {kinds}{in}?", "Do we have {kinds}{in}?", "Does it show {kinds}?", "Have you seen any {kinds}{in}?",
            "Are {kinds} there?", "Are {kinds} in the {pic}?", "Can I find {kinds}{in}?", "Are there {kinds} or not?", "Do any {kinds} appear{in}?",
            "Did they draw any {kinds}?", "Is it true that there are {kinds}?", "Yes or no: are there any {kinds}?", "{kinds}, are there any?", "Were any {kinds} drawn{in}?",
        ],
        ["if there are any {kinds}", "whether there are {kinds}{in}", "if you see any {kinds}", "whether there are any {kinds}", "if the {pic} has any {kinds}"]);

    public static readonly Wording Check = new(
        [
            "Is {ref} {claim}?", "Is {ref} really {claim}?", "Would you say {ref} is {claim}?", "{ref} is {claim}, right?", "Is it true that {ref} is {claim}?",
            "Is {ref}{in} {claim}?", "Do you think {ref} is {claim}?", "Can you see that {ref} is {claim}?", "Does it look like {ref} is {claim}?", "Is it right that {ref} is {claim}?",
            "{ref}, is it {claim}?", "Tell me, is {ref} {claim}?", "Yes or no: is {ref} {claim}?", "I think {ref} is {claim}. Is that so?", "Am I right that {ref} is {claim}?",
            "Look at {ref}. Is it {claim}?", "Do you agree that {ref} is {claim}?", "{ref} is {claim}. True?", "{ref} is {claim}, yes?", "So {ref} is {claim}?",
        ],
        ["if {ref} is {claim}", "whether {ref} is {claim}", "if {ref} really is {claim}", "if it is true that {ref} is {claim}", "whether it is right that {ref} is {claim}"]);

    public static readonly Wording Size = new(
        [
            "Is {ref} large or small?", "Is {ref} small or large?", "What size is {ref}?", "How big is {ref}?", "How large is {ref}?",
            "What is the size of {ref}?", "Which size is {ref}?", "What size does {ref} have?", "Is {ref} big or small?", "Which size does {ref} have?",
            "{ref}: what size?", "Size of {ref}, please.", "The size of {ref}?", "Is {ref} a large one or a small one?", "Would you call {ref} large or small?",
            "What size has {ref}?", "Tell me the size of {ref}.", "Give the size of {ref}.", "How big would you say {ref} is?", "Name the size of {ref}.",
        ],
        ["what size {ref} is", "the size of {ref}", "if {ref} is large or small", "how big {ref} is", "how large {ref} is"]);

    public static readonly Wording WhatIsAt = new(
        [
            "What is {place}?", "What do you see {place}?", "Which object is {place}?", "What can you see {place}?", "What is there {place}?",
            "What is {place} of the {pic}?", "What object is {place}?", "What's {place}?", "{place}, what do you see?", "Which object do you see {place}?",
            "{place}?", "{place}, what is there?", "What can be seen {place}?", "Tell me what is {place}.", "What lies {place}?",
            "What has been drawn {place}?", "Look {place}. What is there?", "Say what is {place}.", "Name the object {place}.", "What stands {place}?",
        ],
        ["what is {place}", "what you see {place}", "which object is {place}", "what can be seen {place}", "what there is {place}"]);
}
