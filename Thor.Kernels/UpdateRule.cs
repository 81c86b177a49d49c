namespace Thor.Kernels;

/// <summary>First-order update rules that a device applies in one pass over parameter, gradient and state.</summary>
public enum UpdateRule
{
    /// <summary>Heavy ball or Nesterov momentum; first = velocity. Momentum 0 is plain gradient descent.</summary>
    Momentum,

    /// <summary>Duchi et al. 2011; first = sum of squares.</summary>
    AdaGrad,

    /// <summary>Tieleman and Hinton 2012; first = mean square, second = velocity (unused without momentum).</summary>
    RmsProp,

    /// <summary>Zeiler 2012; first = mean square of gradients, second = mean square of updates.</summary>
    Adadelta,

    /// <summary>Kingma and Ba 2015; first = mean, second = mean square. Decoupled weight decay makes it AdamW.</summary>
    Adam,
}

/// <summary>The numbers of one update. Rules read what they need.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta1">Momentum of the first moment (mu, beta1).</param>
/// <param name="Beta2">Decay of the second moment (alpha, rho, beta2).</param>
/// <param name="Epsilon">Added to the denominator, outside the square root except in Adadelta.</param>
/// <param name="WeightDecay">Coefficient of the decay term.</param>
/// <param name="DecoupledDecay">Decay shrinks the parameter by learning rate times coefficient instead of entering the gradient.</param>
/// <param name="Dampening">1 - share of the gradient that enters the velocity.</param>
/// <param name="Nesterov">Look-ahead momentum.</param>
/// <param name="Count">Number of this update, from 1, for bias correction.</param>
/// <param name="GradientScale">
/// The rule sees this multiple of the gradient, before weight decay enters: clipping and loss scaling cost no pass of their own.
/// </param>
public readonly record struct UpdateStep(
    double LearningRate,
    double Beta1 = 0,
    double Beta2 = 0,
    double Epsilon = 0,
    double WeightDecay = 0,
    bool DecoupledDecay = false,
    double Dampening = 0,
    bool Nesterov = false,
    long Count = 1,
    double GradientScale = 1);
