namespace RwkvSk.Trainer.Data;

/// <summary>Proper names; every fifth is kept for evaluation.</summary>
internal static class Names
{
    public static readonly SplitTable<string> People = new SplitTable<string>(
        "Anna", "Bob", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Irene", "Jack", "Karen", "Leo", "Maria", "Nina", "Oscar", "Paul", "Rosa", "Sam", "Tina", "Victor",
        "Alice", "Ben", "Carlos", "Diana", "Eric", "Fatima", "George", "Hannah", "Ivan", "Julia", "Kenji", "Lucy", "Mark", "Nora", "Omar", "Peter", "Quinn", "Ruth", "Simon", "Tom",
        "Uma", "Vera", "Will", "Yuki", "Zoe", "John", "Mary", "Lisa", "Max", "Susan").TrainedWith(
        "Adam", "Bella", "Chen", "Dora", "Elias", "Flora", "Gustav", "Helga", "Igor", "Jana",
        "Kofi", "Lena", "Milo", "Nadia", "Otto", "Petra", "Ravi", "Sofia", "Theo", "Ursula",
        "Viktor", "Wanda", "Xavier", "Yara", "Zara", "Amir", "Brigitte", "Conrad", "Dmitri", "Esther",
        "Fabio", "Gloria", "Hugo", "Ines", "Jonas", "Katrin", "Lorenzo", "Mona", "Noah", "Olga");

    public static readonly SplitTable<string> Cities = new SplitTable<string>(
        "Paris", "London", "Berlin", "Rome", "Madrid", "Tokyo", "Oslo", "Vienna", "Lima", "Cairo", "Boston", "Dublin", "Prague", "Delhi", "Sydney", "Lisbon", "Athens", "Zurich", "Seoul", "Hamburg",
        "New York", "Chicago", "Moscow", "Munich", "Milan", "Warsaw", "Toronto", "Dallas", "Helsinki", "Nairobi", "Geneva", "Porto", "Leeds", "Kyoto", "Denver", "Bern", "Lyon", "Turin", "Seattle", "Istanbul").TrainedWith(
        "Basel", "Bremen", "Cologne", "Dresden", "Essen", "Florence", "Ghent", "Havana", "Innsbruck", "Jakarta",
        "Krakow", "Lagos", "Malaga", "Naples", "Odessa", "Palermo", "Quito", "Riga", "Salzburg", "Tallinn",
        "Utrecht", "Venice", "Wellington", "York", "Zagreb", "Ankara", "Bergen", "Calgary", "Detroit", "Exeter",
        "San Diego", "New Orleans", "Cape Town", "Buenos Aires", "Hong Kong", "Santa Fe", "Los Angeles", "Rio", "Manila", "Bogota");
}
