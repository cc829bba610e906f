namespace RwkvSk.Trainer.Data;

/// <summary>How to ask for an object tool: for all objects of a kind, one call after the other, or for one.</summary>
internal static class ObjectToolWordings
{
    /// <summary>{verb} is the tool's; {kind} is singular ("red circle"), {kinds} plural.</summary>
    public static readonly SplitTable<string> Every = new(
        "{verb} every {kind}", "{verb} all {kinds}", "{verb} each {kind}", "{verb} all the {kinds}", "{verb} all of the {kinds}",
        "{verb} every {kind} in the picture", "{verb} all {kinds} in the picture", "{verb} each {kind} you see", "{verb} every {kind} that you see", "{verb} each {kind} one by one",
        "{verb} all {kinds} you see", "{verb} each {kind} in the image", "{verb} the {kinds}", "{verb} every single {kind}", "{verb} all {kinds} that you can see",
        "{verb} each and every {kind}", "{verb} all the {kinds} here", "{verb} every {kind} you can find", "{verb} all {kinds}, one after the other", "{verb} whatever {kinds} there are",
        "{verb} the {kinds} you see", "{verb} every {kind} shown", "{verb} all {kinds} you find", "{verb} each of the {kinds}", "{verb} any {kind} that you find");

    public static readonly SplitTable<string> One = new(
        "{verb} {ref}", "{verb} {ref} in the picture", "{verb} only {ref}", "{verb} just {ref}", "{verb} {ref} for me",
        "{verb} {ref} and nothing else", "{verb} {ref} that you see", "{verb} {ref} in the image", "{verb} {ref} too", "{verb} {ref} alone");
}
