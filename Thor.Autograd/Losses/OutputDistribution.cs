namespace Thor.Autograd.Losses;

/// <summary>The families of distributions that the usual losses are negative log-likelihoods of.</summary>
public enum OutputDistribution
{
    /// <summary>One of several classes, from logits along the last axis: softmax cross-entropy.</summary>
    Categorical,

    /// <summary>0 or 1 for each element, from its logit: binary cross-entropy.</summary>
    Bernoulli,

    /// <summary>A normal distribution of fixed variance around each element: squared error.</summary>
    Gaussian,
}
