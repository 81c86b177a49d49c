System.Console.WriteLine("thor");
