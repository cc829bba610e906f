namespace RwkvSk.Trainer.Data;

/// <summary>What tools work on. Every fifth entry is kept for evaluation.</summary>
internal static class Things
{
    /// <summary>Can be set, turned on and off, asked.</summary>
    public static readonly SplitTable<string> Devices = new(
        "lamp", "light", "fan", "heater", "sprinkler", "radio", "alarm", "robot", "camera", "toaster", "printer", "oven", "kettle", "speaker", "fridge",
        "screen", "pump", "motor", "display", "lantern", "drone", "sign", "engine", "projector", "chandelier", "television", "boiler", "sensor", "clock", "freezer",
        "kitchen light", "desk lamp", "ceiling fan", "garden light", "hall lamp", "led strip", "coffee machine", "washing machine", "bedroom lamp", "night light",
        "panel", "bulb", "pixel", "button", "neon", "wall", "door light", "status light", "indicator", "backlight", "thermostat", "air conditioner", "mixer", "laser", "humidifier");

    /// <summary>Can be opened, closed, locked.</summary>
    public static readonly SplitTable<string> Openings = new(
        "door", "window", "gate", "garage", "hatch", "curtain", "valve", "box", "drawer", "shutter", "blind", "cabinet", "vault", "lid", "skylight", "front door", "safe", "roof", "case", "barn");

    /// <summary>Are written, added, deleted, listed.</summary>
    public static readonly SplitTable<string> Records = new(
        "note", "task", "reminder", "message", "ticket", "comment", "entry", "report", "order", "memo", "file", "page", "record", "contact", "bookmark",
        "list", "event", "card", "post", "issue", "book", "recipe", "product", "customer", "invoice", "document", "story", "song", "letter", "booking");

    /// <summary>Can be looked up under a name.</summary>
    public static readonly SplitTable<string> Facts = new(
        "price", "weight", "status", "address", "balance", "stock", "owner", "age", "score", "rating", "phone number", "distance", "length", "rank", "salary",
        "population", "birthday", "capital", "cost", "deadline", "value", "height", "location", "email", "altitude");

    /// <summary>Belong to a place.</summary>
    public static readonly SplitTable<string> Conditions = new(
        "weather", "temperature", "forecast", "time", "humidity", "traffic", "wind", "air quality", "rain", "tide", "news", "pressure", "snow", "sunrise", "pollen");

    /// <summary>Measured values of devices and houses.</summary>
    public static readonly SplitTable<string> Readings = new(
        "temperature", "battery level", "speed", "volume", "voltage", "pressure", "depth", "status", "fuel level", "altitude", "time", "date", "signal", "power", "load");

    /// <summary>Can be bought, ordered, sent.</summary>
    public static readonly SplitTable<string> Goods = new(
        "pizza", "coffee", "book", "taxi", "umbrella", "tea", "bread", "shirt", "bike", "lantern", "sofa", "milk", "chair", "burger", "melon", "phone", "cake", "table", "soup", "violin");

    /// <summary>Everyday words for texts and lists.</summary>
    public static readonly SplitTable<string> Words = new SplitTable<string>(
        "milk", "bread", "eggs", "water", "honey", "apples", "salt", "paper", "home", "candles", "tomorrow", "dinner", "lunch", "meeting", "picnic", "doctor", "garden", "kitchen", "school", "harbor",
        "blue", "cold", "warm", "happy", "gentle", "morning", "evening", "winter", "summer", "autumn", "buy", "call", "wash", "clean", "polish", "bring", "find", "read", "write", "borrow",
        "the", "car", "my", "dog", "parrot", "sugar", "rice", "soap", "cheese", "mustard", "new", "old", "big", "late", "early", "train", "mother", "keys", "tea", "violets").TrainedWith(
        "apple", "pear", "lemon", "orange juice", "butter", "pepper", "onion", "potato", "carrot", "banana",
        "grape", "cherry", "plum", "peach", "tomato", "bean", "pasta", "flour", "oil", "vinegar",
        "knife", "fork", "spoon", "plate", "bowl", "glass", "bottle", "basket", "bucket", "broom",
        "hammer", "nail", "screw", "ladder", "rope", "candle", "match", "stove", "pillow", "blanket",
        "sister", "brother", "father", "uncle", "aunt", "friend", "neighbor", "teacher", "nurse", "farmer",
        "baker", "driver", "pilot", "sailor", "painter", "singer", "writer", "king", "queen", "child",
        "river", "lake", "ocean", "forest", "mountain", "valley", "island", "desert", "beach", "bridge",
        "street", "market", "station", "airport", "office", "library", "museum", "church", "castle", "hospital",
        "monday", "january", "april", "july", "october", "weekend", "midnight", "noon", "yesterday", "tonight",
        "horse", "sheep", "rabbit", "tiger", "eagle", "spider", "salmon", "whale", "beetle", "otter",
        "quick", "slow", "soft", "hard", "sweet", "bitter", "sour", "bright", "dark", "heavy",
        "empty", "full", "open", "closed", "broken", "clever", "brave", "calm", "proud", "lazy",
        "run", "walk", "swim", "climb", "dance", "sing", "laugh", "sleep", "dream", "think",
        "build", "carry", "catch", "choose", "count", "draw", "drive", "eat", "explain", "follow",
        "forget", "give", "hide", "jump", "keep", "learn", "leave", "listen", "lose", "meet",
        "pencil", "eraser", "notebook", "stamp", "envelope", "ticket", "passport", "wallet", "watch", "mirror",
        "thunder", "storm", "cloud", "fog", "ice", "stone", "sand", "iron", "silver", "copper",
        "their", "with", "from", "under", "over", "after", "before", "between", "without", "against");
}
