namespace RwkvSk.Trainer.Data;

/// <summary>A kind of question about a picture.</summary>
internal enum QuestionKind
{
    Describe,
    Count,
    Colour,
    Shape,
    Where,
    YesNo,
    Check,
    Size,
    WhatIsAt,
    Unanswerable,
}

/// <summary>One question with its only right answer.</summary>
internal sealed record QuestionAndAnswer(QuestionKind Kind, string Question, string Answer);
