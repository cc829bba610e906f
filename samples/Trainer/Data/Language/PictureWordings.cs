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
        ],
        [
            "what you see", "what is in the {pic}", "what you see{in}", "what the {pic} shows", "what there is on the {pic}", "what can be seen{in}",
            "a description of the {pic}", "what objects are in the {pic}", "which objects you see", "what there is in the {pic}",
        ]);

    public static readonly Wording Count = new(
        [
            "How many {kinds} are there{in}?", "How many {kinds} do you see{in}?", "How many {kinds} can you see{in}?", "Count the {kinds}{in}.", "How many {kinds} are{in}?",
            "How many {kinds} does the {pic} show?", "How many {kinds} are in the {pic}?", "What is the number of {kinds}{in}?", "How many {kinds}?", "How many {kinds} does it have?",
            "How many {kinds} does the {pic} have?", "Please count the {kinds}.", "How many {kinds} can be seen{in}?", "Can you count the {kinds}{in}?", "How many {kinds} have you found{in}?",
            "In the {pic}, how many {kinds} are there?", "How many {kinds} can you find{in}?", "How many {kinds} are shown{in}?", "How many {kinds} are on the {pic}?", "Number of {kinds}?",
            "How many {kinds} are visible{in}?", "How many {kinds} can you count{in}?", "How many {kinds} did you see{in}?", "How many of the objects are {kinds}?", "Count all {kinds}{in}.",
            "Are there many {kinds}{in}, and how many?", "{kinds}: how many?", "How many {kinds} are drawn{in}?", "How many {kinds} is it?", "How many {kinds} appear{in}?",
        ],
        [
            "how many {kinds} there are", "how many {kinds} you see", "the number of {kinds}", "how many {kinds} are in the {pic}", "how many {kinds} you can see{in}",
            "how many {kinds} there are{in}", "the count of {kinds}{in}", "how many {kinds} the {pic} has", "how many {kinds} you count", "how many {kinds} show up{in}",
        ]);

    public static readonly Wording Colour = new(
        [
            "What {color} is {ref}?", "Which {color} is {ref}?", "What is the {color} of {ref}?", "What {color} does {ref} have?", "Which {color} does {ref} have?",
            "What {color} is {ref}{in}?", "{ref} is what {color}?", "What's the {color} of {ref}?", "In what {color} is {ref}?", "Of what {color} is {ref}?",
            "What is {ref}'s {color}?", "Name the {color} of {ref}.", "Tell me the {color} of {ref}.", "What {color} do you see on {ref}?", "{color} of {ref}?",
            "Which {color} has {ref}?", "{ref} has which {color}?", "In which {color} is {ref} drawn?", "What {color} has {ref}?", "How is {ref} {colored}?",
            "What {color} would you say {ref} is?", "What is the {color} of {ref}{in}?", "What {color} is used for {ref}?", "What {color} was used for {ref}?", "With what {color} is {ref} filled?",
        ],
        [
            "what {color} {ref} is", "the {color} of {ref}", "which {color} {ref} has", "which {color} {ref} is", "in what {color} {ref} is drawn",
            "what {color} {ref} has", "what the {color} of {ref} is", "of what {color} {ref} is", "the {color} of {ref}{in}", "what {color} you see on {ref}",
        ]);

    public static readonly Wording Shape = new(
        [
            "What shape is {ref}?", "Which shape is {ref}?", "What is the shape of {ref}?", "What shape does {ref} have?", "What kind of shape is {ref}?",
            "Which shape does {ref} have?", "What is {ref}?", "{ref} is what shape?", "What's the shape of {ref}?", "What form does {ref} have?",
            "Name the shape of {ref}.", "Tell me the shape of {ref}.", "What is {ref} called?", "What shape is {ref}{in}?", "Of what shape is {ref}?",
            "What kind of object is {ref}?", "Shape of {ref}?", "What sort of shape is {ref}?", "Which shape has {ref}?", "What shape has {ref}?",
            "What type of shape is {ref}?", "Is {ref} a circle, a square or what?", "What is the form of {ref}?", "What does {ref} look like?", "What shape do you see in {ref}?",
        ],
        [
            "what shape {ref} is", "the shape of {ref}", "which shape {ref} has", "what shape {ref} has", "which shape {ref} is",
            "what {ref} is", "what kind of shape {ref} is", "what the shape of {ref} is", "the form of {ref}", "of what shape {ref} is",
        ]);

    public static readonly Wording Where = new(
        [
            "Where is {ref}?", "Where is {ref}{in}?", "Where can I find {ref}?", "Where do you see {ref}?", "In which place is {ref}?",
            "Where can you see {ref}?", "What is the position of {ref}?", "In what part of the {pic} is {ref}?", "Where's {ref}?", "At which position is {ref}?",
            "Where in the {pic} is {ref}?", "What is the place of {ref}?", "In which part of the {pic} is {ref}?", "Where is {ref} located?", "Where does {ref} appear?",
            "Where on the {pic} is {ref}?", "{ref} is where?", "Locate {ref}.", "Find {ref}.", "In which corner or place is {ref}?",
            "Position of {ref}?", "Show me where {ref} is.", "Where did you see {ref}?", "What is the location of {ref}?", "Which place is {ref} in?",
            "Which position does {ref} have?", "Where would I find {ref}?", "Where is {ref} placed?", "Where is {ref} drawn?", "Where has {ref} been put?",
        ],
        [
            "where {ref} is", "where you see {ref}", "the position of {ref}", "in which part of the {pic} {ref} is", "where {ref} can be found",
            "where to find {ref}", "where in the {pic} {ref} is", "the place of {ref}", "where I can find {ref}", "the location of {ref}",
        ]);

    public static readonly Wording Exists = new(
        [
            "Is there {a}{in}?", "Is there {a}?", "Do you see {a}{in}?", "Can you see {a}{in}?", "Does the {pic} show {a}?",
            "Is {a}{in}?", "Does the {pic} have {a}?", "Can you find {a}{in}?", "Do you see {a}?", "Is {a} to be seen{in}?",
            "Is {a} in the {pic}?", "Does the {pic} contain {a}?", "Can {a} be seen{in}?", "Has the {pic} {a}?", "Is there {a} somewhere{in}?",
            "Have you seen {a}{in}?", "Does it have {a}?", "Is {a} shown{in}?", "Are you able to see {a}{in}?", "Is {a} there?",
            "There is {a}, right?", "Do you find {a}{in}?", "Did you see {a}{in}?", "Can I see {a}{in}?", "Is {a} visible{in}?",
        ],
        [
            "if there is {a}", "whether there is {a}{in}", "if you see {a}", "if there is {a}{in}", "whether you can see {a}",
            "whether there is {a}", "if the {pic} has {a}", "if you can see {a}{in}", "whether the {pic} shows {a}", "if {a} is in the {pic}",
        ]);

    public static readonly Wording ExistsMany = new(
        [
            "Are there any {kinds}{in}?", "Do you see any {kinds}{in}?", "Are there {kinds}{in}?", "Can you see any {kinds}{in}?", "Does the {pic} have any {kinds}?",
            "Are any {kinds}{in}?", "Does the {pic} show any {kinds}?", "Do you see {kinds}?", "Are there any {kinds}?", "Can you find any {kinds}?",
        ],
        ["if there are any {kinds}", "whether there are {kinds}{in}", "if you see any {kinds}", "whether there are any {kinds}", "if the {pic} has any {kinds}"]);

    public static readonly Wording Check = new(
        [
            "Is {ref} {claim}?", "Is {ref} really {claim}?", "Would you say {ref} is {claim}?", "{ref} is {claim}, right?", "Is it true that {ref} is {claim}?",
            "Is {ref}{in} {claim}?", "Do you think {ref} is {claim}?", "Can you see that {ref} is {claim}?", "Does it look like {ref} is {claim}?", "Is it right that {ref} is {claim}?",
        ],
        ["if {ref} is {claim}", "whether {ref} is {claim}", "if {ref} really is {claim}", "if it is true that {ref} is {claim}", "whether it is right that {ref} is {claim}"]);

    public static readonly Wording Size = new(
        [
            "Is {ref} large or small?", "Is {ref} small or large?", "What size is {ref}?", "How big is {ref}?", "How large is {ref}?",
            "What is the size of {ref}?", "Which size is {ref}?", "What size does {ref} have?", "Is {ref} big or small?", "Which size does {ref} have?",
        ],
        ["what size {ref} is", "the size of {ref}", "if {ref} is large or small", "how big {ref} is", "how large {ref} is"]);

    public static readonly Wording WhatIsAt = new(
        [
            "What is {place}?", "What do you see {place}?", "Which object is {place}?", "What can you see {place}?", "What is there {place}?",
            "What is {place} of the {pic}?", "What object is {place}?", "What's {place}?", "{place}, what do you see?", "Which object do you see {place}?",
        ],
        ["what is {place}", "what you see {place}", "which object is {place}", "what can be seen {place}", "what there is {place}"]);
}
