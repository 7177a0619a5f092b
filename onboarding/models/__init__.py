from onboarding.models.absence import Absence
from onboarding.models.critical_function import CriticalFunction
from onboarding.models.launch import Launch

__all__ = ["Absence", "CriticalFunction", "Launch"]
