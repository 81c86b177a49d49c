namespace Thor.Autograd.Optimizers;

/// <summary>A setting that an optimizer can be given as text.</summary>
/// <param name="Name">For example "weight-decay".</param>
/// <param name="Default">The text that stands for its default.</param>
/// <param name="Description">One line.</param>
public sealed record OptimizerOption(string Name, string Default, string Description);
