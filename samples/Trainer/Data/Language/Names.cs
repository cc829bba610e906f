namespace RwkvSk.Trainer.Data;

/// <summary>Proper names; every fifth is kept for evaluation.</summary>
internal static class Names
{
    public static readonly SplitTable<string> People = new(
        "Anna", "Bob", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Irene", "Jack", "Karen", "Leo", "Maria", "Nina", "Oscar", "Paul", "Rosa", "Sam", "Tina", "Victor",
        "Alice", "Ben", "Carlos", "Diana", "Eric", "Fatima", "George", "Hannah", "Ivan", "Julia", "Kenji", "Lucy", "Mark", "Nora", "Omar", "Peter", "Quinn", "Ruth", "Simon", "Tom",
        "Uma", "Vera", "Will", "Yuki", "Zoe", "John", "Mary", "Lisa", "Max", "Susan");

    public static readonly SplitTable<string> Cities = new(
        "Paris", "London", "Berlin", "Rome", "Madrid", "Tokyo", "Oslo", "Vienna", "Lima", "Cairo", "Boston", "Dublin", "Prague", "Delhi", "Sydney", "Lisbon", "Athens", "Zurich", "Seoul", "Hamburg",
        "New York", "Chicago", "Moscow", "Munich", "Milan", "Warsaw", "Toronto", "Dallas", "Helsinki", "Nairobi", "Geneva", "Porto", "Leeds", "Kyoto", "Denver", "Bern", "Lyon", "Turin", "Seattle", "Istanbul");
}
