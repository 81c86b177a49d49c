namespace Thor.Engine.Datasets;

/// <summary>What is to be predicted in a text.</summary>
public enum TextObjective
{
    /// <summary>
    /// The characters at masked positions, from both sides. Of the chosen positions 80 % show the mask, 10 % a random character and 10 % what was
    /// there (Devlin et al. 2019); the label is the original id there and -100 elsewhere.
    /// </summary>
    MaskedCharacters,

    /// <summary>The next character, at every position.</summary>
    NextCharacter,
}
