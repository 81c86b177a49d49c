namespace Thor.Bench.Invert;

/// <summary>What shows results of `thor invert` as they come.</summary>
internal interface IInvertView
{
    /// <summary>A device's roofs are known.</summary>
    void Begin(InvertSection section);

    /// <summary>Something is left out.</summary>
    void Note(string text);

    /// <summary>The cells of one tile dimension are done.</summary>
    void Show(InvertSection section, IReadOnlyList<InvertRow> rows);
}
