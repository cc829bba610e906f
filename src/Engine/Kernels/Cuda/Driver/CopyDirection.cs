namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>From where to where.</summary>
internal enum CopyDirection
{
    ToDevice,
    ToHost,
    OnDevice,
}

/// <summary>A copy of <paramref name="Rows"/> rows that lie <paramref name="TargetPitch"/> and <paramref name="SourcePitch"/> bytes apart.</summary>
/// <param name="Direction">From where to where.</param>
/// <param name="Target">Where the first row goes.</param>
/// <param name="TargetPitch">Bytes from row to row there.</param>
/// <param name="Source">Where the first row is.</param>
/// <param name="SourcePitch">Bytes from row to row there.</param>
/// <param name="RowBytes">Bytes of a row that are copied, at most either pitch.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct PitchedCopy(CopyDirection Direction, nint Target, long TargetPitch, nint Source, long SourcePitch, long RowBytes, long Rows);
