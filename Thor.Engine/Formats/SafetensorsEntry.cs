namespace Thor.Engine.Formats;

/// <summary>One tensor as the header describes it; offsets count from the start of the data.</summary>
internal readonly record struct SafetensorsEntry(string Name, StoredType Type, Shape Shape, long Begin, long End);
