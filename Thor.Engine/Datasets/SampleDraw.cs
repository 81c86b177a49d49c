using Thor.Engine.RandomNumbers;

namespace Thor.Engine.Datasets;

/// <summary>What the randomness inside a sample is a function of, beside the sample's number.</summary>
/// <param name="Seed">The loader's seed.</param>
/// <param name="Epoch">The pass over the data.</param>
/// <param name="Augmentation">How images are varied; null leaves them as they are.</param>
public readonly record struct SampleDraw(ulong Seed, int Epoch, ImageAugmentation? Augmentation = null)
{
    /// <summary>The random numbers of one sample in this epoch.</summary>
    public RandomStream Stream(int sample) => new RandomStream(Seed).Fork(((ulong)(uint)Epoch << 32) | (uint)sample);
}
